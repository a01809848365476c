import type { KeyObject } from 'node:crypto';
import { sign, verify } from 'node:crypto';
import type { KeyType, SignatureAlgorithm, SoftwareKeyType } from './key-type.js';
import { CURVES, isSecurityKeyType, KEY_INSIDE, SIGNATURE_ALGORITHMS } from './key-type.js';
import { parsePublicKeyBlob } from './public-key.js';
import { readAssertion } from './security-key.js';
import { SshFormatError } from './ssh-format-error.js';
import { SshReader } from './ssh-reader.js';
import { SshWriter } from './ssh-writer.js';

const ED25519_SIGNATURE_BYTES = 64;

type SoftwareAlgorithm = Exclude<SignatureAlgorithm, `sk-${string}`>;

/** Hash of each algorithm; Ed25519 brings its own. RFC 8332 section 3, RFC 5656 section 6.2.1. */
const HASHES: Readonly<Record<SoftwareAlgorithm, string | undefined>> = {
  'ssh-ed25519': undefined,
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
};

export interface SignatureClaim {
  readonly publicKeyBlob: Uint8Array;
  /** The algorithm that was asked for; the signature blob must name the same. */
  readonly algorithm: string;
  readonly data: Uint8Array;
  /** `string algorithm, string signature`, RFC 4253 section 6.6; of an authenticator's key, what it asserts follows. */
  readonly signatureBlob: Uint8Array;
  /** Somebody must have given a PIN or a fingerprint to an authenticator for it; no other key can show that. */
  readonly verificationRequired?: boolean;
}

/**
 * Whether the signature is one of this key over this data by this algorithm.
 * Never throws: a malformed key or signature, an algorithm that does not fit the key, RSA with SHA-1, and a signature that
 * an authenticator made without anybody touching it, or, where that is required, without a PIN, are all `false`.
 */
export function verifySignature(claim: SignatureClaim): boolean {
  try {
    const { type, key, application } = parsePublicKeyBlob(claim.publicKeyBlob);
    const algorithm = algorithmFor(type, claim.algorithm);
    const reader = new SshReader(claim.signatureBlob);
    const named = reader.text();
    const signature = reader.string();
    if (named !== algorithm) return false;
    if (!isSecurityKeyType(type)) {
      reader.end();
      if (claim.verificationRequired) return false;
      return verifyRaw(key, type, algorithm as SoftwareAlgorithm, claim.data, signature);
    }
    const { userPresent, userVerified, signed } = readAssertion(reader, application ?? '', claim.data);
    if (claim.verificationRequired && !userVerified) return false;
    const inside = KEY_INSIDE[type];
    return userPresent && verifyRaw(key, inside, inside, signed, signature);
  } catch (error) {
    if (error instanceof SshFormatError) return false;
    throw error;
  }
}

/**
 * Signs and wraps the signature in an SSH signature blob.
 * @throws SshFormatError `algorithm-mismatch` a key of this type cannot sign by this algorithm
 */
export function createSignature(key: KeyObject, type: SoftwareKeyType, algorithm: string, data: Uint8Array): Buffer {
  const fitting = algorithmFor(type, algorithm) as SoftwareAlgorithm;
  const raw = sign(HASHES[fitting], data, { key, dsaEncoding: 'ieee-p1363' });
  const signature = isEcdsa(type) ? encodeEcdsa(raw) : raw;
  return new SshWriter().string(fitting).string(signature).bytes();
}

function algorithmFor(type: KeyType, name: string): SignatureAlgorithm {
  const algorithm = SIGNATURE_ALGORITHMS[type].find((known) => known === name);
  if (!algorithm) throw new SshFormatError('algorithm-mismatch', 'the key cannot sign by this algorithm');
  return algorithm;
}

function verifyRaw(
  key: KeyObject,
  type: SoftwareKeyType,
  algorithm: SoftwareAlgorithm,
  data: Uint8Array,
  signature: Buffer,
): boolean {
  if (type === 'ssh-ed25519' && signature.length !== ED25519_SIGNATURE_BYTES) return false;
  const raw = isEcdsa(type) ? decodeEcdsa(signature, CURVES[type].fieldBytes) : signature;
  return verify(HASHES[algorithm], data, { key, dsaEncoding: 'ieee-p1363' }, raw);
}

function isEcdsa(type: KeyType): type is keyof typeof CURVES {
  return type in CURVES;
}

/** RFC 5656 section 3.1.2: mpint r, mpint s. */
function encodeEcdsa(raw: Buffer): Buffer {
  const half = raw.length / 2;
  return new SshWriter().mpint(raw.subarray(0, half)).mpint(raw.subarray(half)).bytes();
}

function decodeEcdsa(signature: Buffer, fieldBytes: number): Buffer {
  const reader = new SshReader(signature);
  const raw = Buffer.alloc(2 * fieldBytes);
  for (const end of [fieldBytes, 2 * fieldBytes]) {
    const number = reader.mpint(fieldBytes);
    number.copy(raw, end - number.length);
  }
  reader.end();
  return raw;
}
