import { SshFormatError } from './ssh-format-error.js';

/** Longest PEM text, in characters: the largest value that KMS stores, 30,720 bytes. */
const PEM_LIMIT = 30_720;

const BLOCK = /-----BEGIN (?<label>[A-Z0-9 ]{1,64})-----(?<body>(?:(?!-----)[^])*)-----END \k<label>-----/g;
/** RFC 1421 section 4.6.1.1: how OpenSSL marks an encrypted key of the older forms. */
const ENCRYPTED_HEADER = /^\s*Proc-Type:\s*4,\s*ENCRYPTED/i;

export interface PemBlock {
  /** What stands after BEGIN, such as `RSA PRIVATE KEY`. */
  readonly label: string;
  /** The decoded body, a copy that its user wipes. */
  readonly body: Buffer;
}

/**
 * The one private key block of a PEM text (RFC 7468, laxly: any line length, CRLF, white space anywhere around).
 * A block `EC PARAMETERS`, which OpenSSL puts before an EC key, is passed over.
 * @throws SshFormatError there is no such block, more than one, a passphrase on it, or its body is not base64
 */
export function parsePem(text: string): PemBlock {
  if (text.length > PEM_LIMIT)
    throw new SshFormatError('too-long', `a private key has at most ${PEM_LIMIT} characters`);
  const blocks = [...text.matchAll(BLOCK)].map((match) => match.groups ?? {});
  const [block, another] = blocks.filter(({ label }) => label !== 'EC PARAMETERS');
  if (!block || another || text.replaceAll(BLOCK, '').trim() !== '') {
    throw new SshFormatError('bad-pem', 'a private key is one PEM block and nothing else');
  }
  const { label = '', body = '' } = block;
  if (ENCRYPTED_HEADER.test(body)) throw new SshFormatError('encrypted-key', 'the private key is encrypted');
  const base64 = body.replaceAll(/\s+/g, '');
  const decoded = Buffer.from(base64, 'base64');
  if (base64 === '' || decoded.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, '')) {
    decoded.fill(0);
    throw new SshFormatError('bad-base64', 'the body of the PEM block is not proper base64');
  }
  return { label, body: decoded };
}
