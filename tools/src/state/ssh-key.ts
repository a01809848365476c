import { access } from 'node:fs/promises';
import { mustRun } from '@sallyport/testing';

/** A key pair in OpenSSH's form without a passphrase, `file` and `file.pub`, made by ssh-keygen when it is not there. */
export async function ensureSshKey(file: string, type: 'ed25519' | 'rsa', comment: string): Promise<string> {
  const isWhole = await access(`${file}.pub`).then(
    () => true,
    () => false,
  );
  const bits = type === 'rsa' ? ['-b', '3072'] : [];
  // "y" lets it replace what an interrupted attempt left.
  if (!isWhole)
    await mustRun('ssh-keygen', ['-q', '-t', type, ...bits, '-N', '', '-C', comment, '-f', file], { input: 'y\n' });
  return file;
}
