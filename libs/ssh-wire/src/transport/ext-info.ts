import { SshReader, SshWriter } from '@sallyport/ssh-keys';
import { Message } from '../messages.js';
import { clientSignatureAlgorithms } from './algorithms.js';

const NAME = 'server-sig-algs';

/**
 * SSH_MSG_EXT_INFO (RFC 8308 section 2.3): the signature algorithms that we take from clients, and that we answer PING, which
 * OpenSSH's client sends to hide when its user presses a key.
 */
export function extInfo(): Buffer {
  const message = new SshWriter().byte(Message.extInfo).uint32(2);
  return message.string(NAME).nameList(clientSignatureAlgorithms).string('ping@openssh.com').string('0').bytes();
}

/** The signature algorithms that a server takes (RFC 8308 section 3.1), or undefined when it does not say. */
export function readSignatureAlgorithms(payload: Buffer): string[] | undefined {
  const reader = new SshReader(payload.subarray(1));
  for (let left = reader.uint32(); left > 0; left -= 1) {
    const name = reader.string().toString('latin1');
    const value = reader.string().toString('latin1');
    if (name === NAME) return value.split(',');
  }
  return undefined;
}
