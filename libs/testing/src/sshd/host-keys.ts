import { readFile } from 'node:fs/promises';
import { fingerprintOf } from '../user-key.js';
import type { KeyType } from '../user-key.js';
import type { PrivateMachine } from './private-machine.js';

export interface HostKey {
  type: KeyType;
  /** One line: type, base64, comment. */
  publicKey: string;
  /** `SHA256:` and unpadded base64 of the key blob (RFC 4253 section 6.6). */
  fingerprint: string;
}

export const hostKeyFile = (type: KeyType): string => `/etc/ssh/sallyport_host_${type}_key`;

/** New host keys of these types, in place of the old ones; sshd sees them when it starts again. */
export async function makeHostKeys(machine: PrivateMachine, types: readonly KeyType[]): Promise<HostKey[]> {
  const keys: HostKey[] = [];
  for (const type of types) {
    const file = hostKeyFile(type);
    const bits = type === 'rsa' ? '-b 2048' : '';
    await machine.mustRun(`rm -f ${file} ${file}.pub && ssh-keygen -q -t ${type} ${bits} -N '' -C host -f ${file}`);
    const publicFile = machine.path(`${file}.pub`);
    keys.push({
      type,
      publicKey: (await readFile(publicFile, 'utf8')).trim(),
      fingerprint: await fingerprintOf(publicFile),
    });
  }
  return keys;
}
