import { createHash, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { SshError } from '../ssh-error.js';

/** ML-KEM-768 (FIPS 203) and X25519 together: whoever wants the secret must break both. */
export const MLKEM768_X25519 = 'mlkem768x25519-sha256';

const X25519_BYTES = 32;
const { publicKey: KEM_KEY_BYTES, cipherText: KEM_CIPHERTEXT_BYTES } = ml_kem768.lengths as {
  publicKey: number;
  cipherText: number;
};
/** SubjectPublicKeyInfo of an X25519 key up to its 32 bytes (RFC 8410 section 4). */
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex');

/**
 * The client's half of one exchange (RFC 10042 section 2.3.3).
 * ```
 * byte[1184]  ML-KEM-768 encapsulation key
 * byte[32]    X25519 public key
 * ```
 */
export class HybridClient {
  readonly #kem = ml_kem768.keygen();
  readonly #x25519 = generateKeyPairSync('x25519');
  /** C_INIT */
  readonly share = Buffer.concat([this.#kem.publicKey, rawPublicKey(this.#x25519.publicKey)]);

  /** @param reply S_REPLY @throws SshError `handshake` it is none */
  secret(reply: Buffer): Buffer {
    const [ciphertext, theirs] = split(reply, KEM_CIPHERTEXT_BYTES);
    return combine(ml_kem768.decapsulate(ciphertext, this.#kem.secretKey), agree(this.#x25519.privateKey, theirs));
  }
}

/**
 * The server's half: answers a client's share.
 * ```
 * byte[1088]  ML-KEM-768 ciphertext
 * byte[32]    X25519 public key
 * ```
 * @param init C_INIT
 * @returns S_REPLY, and the shared secret K = SHA-256(K_PQ || K_CL) of RFC 10042 section 2.4, which is a string and no mpint in what is hashed
 * @throws SshError `handshake` it is no share; FIPS 203 section 7.2 says what an encapsulation key must be
 */
export function answerHybrid(init: Buffer): { reply: Buffer; secret: Buffer } {
  const [kemKey, theirs] = split(init, KEM_KEY_BYTES);
  const { cipherText, sharedSecret } = encapsulate(kemKey);
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const secret = combine(sharedSecret, agree(privateKey, theirs));
  return { reply: Buffer.concat([cipherText, rawPublicKey(publicKey)]), secret };
}

function encapsulate(kemKey: Buffer): { cipherText: Uint8Array; sharedSecret: Uint8Array } {
  try {
    return ml_kem768.encapsulate(kemKey);
  } catch (cause) {
    throw new SshError('handshake', 'not an ML-KEM-768 encapsulation key', { cause });
  }
}

function split(share: Buffer, kemBytes: number): [Buffer, Buffer] {
  if (share.length !== kemBytes + X25519_BYTES) throw new SshError('handshake', 'a key share has the wrong length');
  return [share.subarray(0, kemBytes), share.subarray(kemBytes)];
}

/** A point of small order, which gives a secret of zeros, is refused (RFC 7748 section 6.1); OpenSSL does that. */
function agree(privateKey: KeyObject, theirs: Buffer): Buffer {
  try {
    const key = Buffer.concat([X25519_SPKI, theirs]);
    return diffieHellman({ privateKey, publicKey: createPublicKey({ key, format: 'der', type: 'spki' }) });
  } catch (cause) {
    throw new SshError('handshake', 'not an X25519 public key', { cause });
  }
}

function combine(postQuantum: Uint8Array, classical: Buffer): Buffer {
  const secret = createHash('sha256').update(postQuantum).update(classical).digest();
  postQuantum.fill(0);
  classical.fill(0);
  return secret;
}

function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(X25519_SPKI.length);
}
