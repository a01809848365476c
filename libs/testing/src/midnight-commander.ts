import { join } from 'node:path';
import { unpackDebianPackage } from './debian-package.js';

const PACKAGES = ['mc', 'mc-data', 'libslang2', 'libgpm2', 'libssh2-1', 'libglib2.0-0', 'libext2fs2'] as const;

/**
 * Midnight Commander, a program that draws a whole screen, as Debian's package, unpacked into the cache.
 * @returns the folder for `SshdOptions.addToUsr`
 * @throws Error where the package cannot be had
 */
export async function midnightCommander(): Promise<string> {
  return join(await unpackDebianPackage(PACKAGES), 'usr');
}
