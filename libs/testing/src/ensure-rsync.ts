import { join } from 'node:path';
import { unpackDebianPackage } from './debian-package.js';
import { findProgram } from './find-program.js';

/** How to run rsync here, and what an sshd of ours needs to have it as well. */
export interface Rsync {
  readonly program: string;
  /** For its libraries. */
  readonly env: Record<string, string>;
  /** For `SshdOptions.addToUsr`. */
  readonly addToUsr?: string;
}

/** rsync as it is installed, or Debian's package unpacked into the cache. */
export async function ensureRsync(): Promise<Rsync> {
  const installed = await findProgram('rsync');
  if (installed !== undefined) return { program: installed, env: {} };
  const folder = await unpackDebianPackage(['rsync', 'libpopt0', 'libxxhash0']).catch((cause: unknown) => {
    throw new Error('rsync was not found: install it (`apt install rsync`)', { cause });
  });
  const addToUsr = join(folder, 'usr');
  const triplet = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
  const libraries = join(addToUsr, 'lib', `${triplet}-linux-gnu`);
  return { program: join(addToUsr, 'bin/rsync'), env: { LD_LIBRARY_PATH: libraries }, addToUsr };
}
