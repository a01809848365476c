import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { SignatureAlgorithm, SoftwareKeyType } from './key-type.js';
import { SIGNATURE_ALGORITHMS } from './key-type.js';
import { parseOpensshPrivateKey } from './openssh-private-key.js';
import type { PemBlock } from './pem.js';
import { parsePem } from './pem.js';
import { formatPublicKeyBlob } from './public-key.js';
import { createSignature, verifySignature } from './signature.js';
import { SshFormatError } from './ssh-format-error.js';

/** Signed once after parsing, to see that the two halves of the key belong together. */
const PROBE = Buffer.from('sallyport private key check');

/** A private key for signing. Shows nothing of itself to inspection, JSON or text. */
export class PrivateKey {
  /** The public half, RFC 4253 section 6.6. */
  readonly publicKeyBlob: Buffer;
  /** Signature algorithms that `sign` takes, best first. */
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly #type: SoftwareKeyType;
  #key: KeyObject | undefined;

  private constructor(key: KeyObject) {
    const { type, blob } = formatPublicKeyBlob(createPublicKey(key));
    this.#key = key;
    this.#type = type;
    this.publicKeyBlob = blob;
    this.algorithms = SIGNATURE_ALGORITHMS[type];
  }

  /**
   * Reads an unencrypted key in PKCS#1, PKCS#8, SEC1 or OpenSSH form: Ed25519, ECDSA on a NIST curve, RSA of 2048 bits or more.
   * A `Buffer` stays the caller's to wipe.
   * @throws SshFormatError for anything else; neither message nor rule has any of the input in it
   */
  static parse(pem: Buffer | string): PrivateKey {
    const block = parsePem(pem.toString('utf8'));
    try {
      const key = new PrivateKey(importPrivateKey(block));
      key.#checkPair();
      return key;
    } finally {
      block.body.fill(0);
    }
  }

  /**
   * The SSH signature blob (`string algorithm, string signature`) over `data`.
   * @throws SshFormatError `algorithm-mismatch` the algorithm is not one of `algorithms`; `key-wiped` after `wipe`
   */
  sign(algorithm: string, data: Uint8Array): Buffer {
    if (!this.#key) throw new SshFormatError('key-wiped', 'the private key has been wiped');
    return createSignature(this.#key, this.#type, algorithm, data);
  }

  /**
   * Best effort: lets go of the key, after which `sign` refuses. OpenSSL clears its copy when the object is collected, but
   * JavaScript gives no hold on when that is, nor on the strings that the key came in. May be called again.
   */
  wipe(): void {
    this.#key = undefined;
  }

  #checkPair(): void {
    const [algorithm = ''] = this.algorithms;
    const holds = verifySignature({
      publicKeyBlob: this.publicKeyBlob,
      algorithm,
      data: PROBE,
      signatureBlob: this.#probe(algorithm),
    });
    if (!holds) throw mismatch();
  }

  /** OpenSSL itself refuses to sign with some inconsistent keys, and its own words must not get out. */
  #probe(algorithm: string): Buffer {
    try {
      return this.sign(algorithm, PROBE);
    } catch {
      throw new SshFormatError('bad-key', 'the private key cannot sign');
    }
  }
}

function importPrivateKey({ label, body }: PemBlock): KeyObject {
  switch (label) {
    case 'RSA PRIVATE KEY':
      return hideReason(() => createPrivateKey({ key: body, format: 'der', type: 'pkcs1' }));
    case 'PRIVATE KEY':
      return hideReason(() => createPrivateKey({ key: body, format: 'der', type: 'pkcs8' }));
    case 'EC PRIVATE KEY':
      return hideReason(() => createPrivateKey({ key: body, format: 'der', type: 'sec1' }));
    case 'OPENSSH PRIVATE KEY': {
      const { jwk, publicKeyBlob } = parseOpensshPrivateKey(body);
      const key = hideReason(() => createPrivateKey({ key: jwk, format: 'jwk' }));
      // OpenSSL computes the public half of an Ed25519 key anew and does not look at the one that came along.
      if (formatPublicKeyBlob(createPublicKey(key)).blob.equals(publicKeyBlob)) return key;
      throw mismatch();
    }
    case 'ENCRYPTED PRIVATE KEY':
      throw new SshFormatError('encrypted-key', 'the private key is encrypted');
    default:
      throw new SshFormatError('unknown-key-format', 'the PEM block is not a private key of a supported form');
  }
}

function hideReason(create: () => KeyObject): KeyObject {
  try {
    return create();
  } catch {
    throw new SshFormatError('bad-key', 'the private key is not valid');
  }
}

function mismatch(): SshFormatError {
  return new SshFormatError('key-pair-mismatch', 'the halves of the private key do not belong together');
}
