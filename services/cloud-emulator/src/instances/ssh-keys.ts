import { createHash } from 'node:crypto';
import ssh2 from 'ssh2';
import type { ParsedKey } from 'ssh2';

/** @throws Error without the key's text */
export function parseKey(text: string): ParsedKey {
  const parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error) throw new Error('not a key that can be read');
  return parsed;
}

/** One line as in `authorized_keys`: type and base64, no comment. From a private or a public key. */
export function openSshPublicKey(key: string): string {
  const parsed = parseKey(key);
  return `${parsed.type} ${parsed.getPublicSSH().toString('base64')}`;
}

/** `SHA256:` and unpadded base64 of the key blob, as `ssh-keygen -l` shows it. */
export function fingerprintOf(key: string): string {
  const digest = createHash('sha256').update(parseKey(key).getPublicSSH()).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}
