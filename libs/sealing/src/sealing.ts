import { createPrivateKey, createPublicKey } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';

/**
 * HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Whatever is secret crosses NATS only
 * in this form: its server, its logs and its other clients see ciphertext.
 */
const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
/** Keeps a ciphertext of ours from being taken for another protocol's. */
const info = bytes('sallyport/v1');

export interface SealedBox {
  /** Base64 of the encapsulated key. */
  enc: string;
  ciphertext: string;
}

/** A box did not open: other key, other associated data, or changed on the way. Says nothing more. */
export class UnsealError extends Error {
  override readonly name = 'UnsealError';
  constructor() {
    super('the sealed value does not open with this key and associated data');
  }
}

/** The receiving side: an X25519 key pair. */
export class SealingKey {
  private constructor(
    private readonly privateKey: CryptoKey,
    /** Base64 of the 32 bytes (RFC 7748). */
    readonly publicKey: string,
  ) {}

  static async generate(): Promise<SealingKey> {
    const pair = await suite.kem.generateKeyPair();
    const publicKey = Buffer.from(await suite.kem.serializePublicKey(pair.publicKey)).toString('base64');
    return new SealingKey(pair.privateKey, publicKey);
  }

  /** @param pem PKCS#8, as `openssl genpkey -algorithm X25519` writes it */
  static async fromPem(pem: string): Promise<SealingKey> {
    const jwk = createPrivateKey(pem).export({ format: 'jwk' });
    if (jwk.crv !== 'X25519' || !jwk.d || !jwk.x) throw new Error('not an X25519 private key');
    const privateKey = await suite.kem.deserializePrivateKey(bytes(Buffer.from(jwk.d, 'base64url')));
    return new SealingKey(privateKey, Buffer.from(jwk.x, 'base64url').toString('base64'));
  }

  /**
   * @param associatedData must be what the sender gave
   * @throws UnsealError
   */
  async open(box: SealedBox, associatedData: string): Promise<Buffer> {
    try {
      const recipient = { recipientKey: this.privateKey, enc: bytes(Buffer.from(box.enc, 'base64')), info };
      return Buffer.from(
        await suite.open(recipient, bytes(Buffer.from(box.ciphertext, 'base64')), bytes(associatedData)),
      );
    } catch {
      throw new UnsealError();
    }
  }
}

/**
 * Seals to the holder of a key.
 * @param publicKey base64 of the 32 bytes
 * @param associatedData not hidden, but bound: the box opens only with the same
 */
export async function seal(publicKey: string, plaintext: Uint8Array, associatedData: string): Promise<SealedBox> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(bytes(Buffer.from(publicKey, 'base64')));
  const copy = bytes(plaintext);
  try {
    const { enc, ct } = await suite.seal({ recipientPublicKey, info }, copy, bytes(associatedData));
    return { enc: Buffer.from(enc).toString('base64'), ciphertext: Buffer.from(ct).toString('base64') };
  } finally {
    new Uint8Array(copy).fill(0);
  }
}

/** The base64 form that `seal` takes, of an X25519 public key in PEM (SubjectPublicKeyInfo). */
export function publicKeyFromPem(pem: string): string {
  const jwk = createPublicKey(pem).export({ format: 'jwk' });
  if (jwk.crv !== 'X25519' || !jwk.x) throw new Error('not an X25519 public key');
  return Buffer.from(jwk.x, 'base64url').toString('base64');
}

/**
 * WebCrypto wants an ArrayBuffer of its own; small Node buffers share one. It is made as such: the buffer of a small typed array
 * would be a second copy, and the first would stay in V8's heap, where nobody can overwrite it.
 */
function bytes(data: string | Uint8Array): ArrayBuffer {
  const source = typeof data === 'string' ? Buffer.from(data) : data;
  const copy = new ArrayBuffer(source.length);
  new Uint8Array(copy).set(source);
  return copy;
}
