import type { KeyType } from './key-type.js';
import { parsePublicKeyBlob } from './public-key.js';
import { SshFormatError } from './ssh-format-error.js';

const LINE_LIMIT = 8192;
/** No line breaks or control characters, so that a comment cannot forge a second line; spaces inside are fine. */
const LINE = /^(?<type>[a-z0-9@.-]+)[ \t]+(?<base64>[A-Za-z0-9+/]+={0,2})(?:[ \t]+(?<comment>[^\p{Cc} ][^\p{Cc}]*))?$/u;

export interface AuthorizedKey {
  readonly type: KeyType;
  /** The key blob of RFC 4253 section 6.6. */
  readonly blob: Buffer;
  /** Free text after the key; empty when there is none. */
  readonly comment: string;
}

/**
 * One line of OpenSSH's public key form: `type base64 comment`, without options (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
 * White space around the line is ignored.
 * @throws SshFormatError the line has another form, or its key is not one that `parsePublicKeyBlob` takes
 */
export function parseAuthorizedKey(line: string): AuthorizedKey {
  if (line.length > LINE_LIMIT) {
    throw new SshFormatError('too-long', `a public key line has at most ${LINE_LIMIT} characters`);
  }
  const fields = LINE.exec(line.trim())?.groups;
  if (!fields) throw new SshFormatError('bad-line', 'a public key line reads: type, base64, comment');
  const { type = '', base64 = '', comment = '' } = fields;
  const blob = Buffer.from(base64, 'base64');
  if (blob.toString('base64') !== base64) throw new SshFormatError('bad-base64', 'the public key is not proper base64');
  const key = parsePublicKeyBlob(blob);
  if (key.type !== type) throw new SshFormatError('bad-line', 'the line names another type than its key');
  return { type: key.type, blob: key.blob, comment };
}

/** The line without its line break; the reverse of `parseAuthorizedKey`. */
export function formatAuthorizedKey(key: AuthorizedKey): string {
  const line = `${key.type} ${key.blob.toString('base64')}`;
  return key.comment === '' ? line : `${line} ${key.comment}`;
}
