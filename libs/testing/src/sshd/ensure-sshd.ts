import { join } from 'node:path';
import { access } from 'node:fs/promises';
import { unpackDebianPackage } from '../debian-package.js';
import { findProgram } from '../find-program.js';

/**
 * OpenSSH's server: installed on the machine, or Debian's package unpacked into the cache. Nothing is installed, no
 * service is started.
 * @returns the path of `sshd`, and the folder that must appear in /usr for it to be there
 */
export async function ensureSshd(): Promise<{ program: string; addToUsr?: string }> {
  const installed = await findProgram('sshd', ['/usr/sbin', '/usr/local/sbin', '/usr/libexec']);
  if (installed !== undefined) return { program: installed };
  // libwrap0 is what openssh-server needs and the client does not.
  const folder = await unpackDebianPackage(['openssh-server', 'openssh-sftp-server', 'libwrap0']).catch(
    (cause: unknown) => {
      throw new Error('sshd was not found: install OpenSSH’s server (`apt install openssh-server`)', { cause });
    },
  );
  await access(join(folder, 'usr/sbin/sshd'));
  return { program: '/usr/sbin/sshd', addToUsr: join(folder, 'usr') };
}
