import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackDebianPackage } from './debian-package.js';

/** PuTTY's tools, Dropbear's client, and for Python: paramiko, asyncssh, Ansible. */
const PACKAGES = [
  ...['putty-tools', 'dropbear-bin', 'libtomcrypt1', 'libtommath1', 'python3-paramiko', 'python3-asyncssh'],
  ...['python3-cryptography', 'python3-bcrypt', 'python3-nacl', 'libsodium23', 'python3-six', 'python3-cffi-backend'],
  ...['python3-typing-extensions', 'ansible-core', 'python3-jinja2', 'python3-markupsafe', 'python3-packaging'],
  ...['python3-resolvelib', 'python3-yaml', 'libyaml-0-2', 'python3-distutils', 'python3-lib2to3'],
] as const;

/**
 * SSH clients that are not OpenSSH, as Debian's packages, unpacked into the cache.
 * @returns the folder for `SshdOptions.addToUsr`: they run on such a machine
 * @throws Error where the packages cannot be had, or there is no Python of Debian's
 */
export async function otherClients(): Promise<string> {
  await access('/usr/bin/python3');
  return join(await unpackDebianPackage(PACKAGES, { as: 'ssh-clients' }), 'usr');
}
