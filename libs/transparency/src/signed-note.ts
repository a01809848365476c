import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

/**
 * C2SP signed-note: text, an empty line, and one line a signature: `— NAME BASE64(key id, 4 bytes || signature)`.
 * Ed25519 is type 0x01; the key id is the beginning of SHA-256(name || 0x0A || 0x01 || public key).
 */
const ed25519 = 0x01;
const keyIdBytes = 4;
const maxNoteBytes = 64 * 1024;

/** It is no note, no key, or no signature that holds. */
export class NoteError extends Error {
  override readonly name = 'NoteError';
}

function keyId(name: string, publicKey: Buffer): Buffer {
  return createHash('sha256').update(`${name}\n`).update(Buffer.of(ed25519)).update(publicKey).digest().subarray(0, 4);
}

/** The 32 bytes of RFC 8032. */
function rawPublicKey(key: KeyObject): Buffer {
  const { crv, x } = key.export({ format: 'jwk' });
  if (crv !== 'Ed25519' || !x) throw new NoteError('not an Ed25519 key');
  return Buffer.from(x, 'base64url');
}

const isName = (name: string): boolean => /^[^\s+\p{Cc}]{1,200}$/u.test(name);

/** Who signs a log's checkpoints. */
export class NoteSigner {
  readonly #key: KeyObject;
  readonly #id: Buffer;
  /** `NAME+KEYID+BASE64(0x01 || public key)`: what a verifier is given. */
  readonly verifierKey: string;

  /**
   * @param name without spaces and `+`
   * @param pem Ed25519, PKCS#8
   * @throws NoteError
   */
  constructor(
    readonly name: string,
    pem: string,
  ) {
    if (!isName(name)) throw new NoteError('a name has no space and no "+"');
    this.#key = createPrivateKey(pem);
    const publicKey = rawPublicKey(createPublicKey(this.#key));
    this.#id = keyId(name, publicKey);
    const encoded = Buffer.concat([Buffer.of(ed25519), publicKey]).toString('base64');
    this.verifierKey = `${name}+${this.#id.toString('hex')}+${encoded}`;
  }

  /** @param text ends with a line break, and has no empty line */
  sign(text: string): string {
    const signature = Buffer.concat([this.#id, sign(null, Buffer.from(text), this.#key)]).toString('base64');
    return `${text}\n— ${this.name} ${signature}\n`;
  }
}

/** Who checks them. */
export class NoteVerifier {
  readonly #key: KeyObject;
  readonly #id: Buffer;

  /** @throws NoteError when it is not a verifier key of C2SP signed-note for Ed25519 */
  constructor(readonly verifierKey: string) {
    const [, name = '', id = '', encoded = ''] =
      /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(verifierKey) ?? [];
    const bytes = Buffer.from(encoded, 'base64');
    const publicKey = bytes.subarray(1);
    if (!isName(name) || bytes[0] !== ed25519 || publicKey.length !== 32)
      throw new NoteError('not a verifier key: NAME+KEYID+BASE64');
    this.#id = keyId(name, publicKey);
    if (this.#id.toString('hex') !== id) throw new NoteError('the key id is not that of the key');
    this.name = name;
    this.#key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') },
      format: 'jwk',
    });
  }
  readonly name: string;

  /**
   * @returns the text of the note, its last line break included
   * @throws NoteError when it is no note, or this key has not signed it
   */
  open(note: string): string {
    const cut = note.lastIndexOf('\n\n');
    if (cut < 0 || Buffer.byteLength(note) > maxNoteBytes || !note.endsWith('\n'))
      throw new NoteError('not a signed note');
    const text = note.slice(0, cut + 1);
    for (const line of note.slice(cut + 2, -1).split('\n')) {
      const [, name, encoded = ''] = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? [];
      const bytes = Buffer.from(encoded, 'base64');
      if (name === undefined || bytes.toString('base64') !== encoded)
        throw new NoteError('a line of the note is no signature');
      if (name !== this.name || !bytes.subarray(0, keyIdBytes).equals(this.#id)) continue;
      if (verify(null, Buffer.from(text), this.#key, bytes.subarray(keyIdBytes))) return text;
      throw new NoteError('the signature does not hold');
    }
    throw new NoteError(`not signed by ${this.name}`);
  }
}
