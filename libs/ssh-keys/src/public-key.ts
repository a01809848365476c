import type { JsonWebKey, KeyObject } from 'node:crypto';
import { createHash, createPublicKey } from 'node:crypto';
import type { Curve, KeyType, SoftwareKeyType } from './key-type.js';
import { CURVES, isKeyType, isSecurityKeyType, KEY_INSIDE, RSA_BITS } from './key-type.js';
import { SshFormatError } from './ssh-format-error.js';
import { SshReader } from './ssh-reader.js';
import { SshWriter } from './ssh-writer.js';

/** Longest key blob, in bytes: RSA with 16,384 bits takes a little over 2,000. */
const BLOB_LIMIT_BYTES = 4096;
/** OpenSSL refuses larger exponents for larger keys; real ones are 65537. */
const RSA_EXPONENT_LIMIT_BYTES = 8;
/** A name of ours or an RP ID, which is a host name. */
const APPLICATION_LIMIT_BYTES = 255;

export interface PublicKey {
  readonly type: KeyType;
  /** The key blob of RFC 4253 section 6.6, a copy. */
  readonly blob: Buffer;
  /** The same key for node:crypto. */
  readonly key: KeyObject;
  /** Of a key in an authenticator: what it is used for, `ssh:` and more. */
  readonly application?: string;
}

/**
 * Layout, after `string type`:
 * `ssh-ed25519`: string of 32 bytes; `ssh-rsa`: mpint e, mpint n; `ecdsa-sha2-*`: string curve, string Q (RFC 5656 section 3.1);
 * `sk-*`: as the key inside, then string application.
 * @throws SshFormatError the blob is malformed, of another type, has bytes after its end, or is an RSA key that is too small
 */
export function parsePublicKeyBlob(blob: Uint8Array): PublicKey {
  if (blob.length > BLOB_LIMIT_BYTES) {
    throw new SshFormatError('too-long', `a public key is longer than ${BLOB_LIMIT_BYTES} bytes`);
  }
  const reader = new SshReader(blob);
  const type = reader.text();
  if (!isKeyType(type))
    throw new SshFormatError('unknown-key-type', 'the public key is of a type that is not supported');
  const inside = isSecurityKeyType(type) ? KEY_INSIDE[type] : type;
  const jwk = readFields(reader, inside);
  const application = inside === type ? {} : { application: readApplication(reader) };
  reader.end();
  return { type, blob: Buffer.from(blob), key: importPublicKey(jwk), ...application };
}

/**
 * The key blob of a public key of node:crypto.
 * @throws SshFormatError the key is of a type, a curve or a size that is not supported
 */
export function formatPublicKeyBlob(key: KeyObject): { type: SoftwareKeyType; blob: Buffer } {
  const { kty, crv, x = '', y = '', e = '', n = '' } = exportJwk(key);
  const decode = (text: string): Buffer => Buffer.from(text, 'base64url');
  if (kty === 'OKP' && crv === 'Ed25519') {
    return { type: 'ssh-ed25519', blob: new SshWriter().string('ssh-ed25519').string(decode(x)).bytes() };
  }
  if (kty === 'RSA') {
    checkRsaSize(decode(n));
    return { type: 'ssh-rsa', blob: new SshWriter().string('ssh-rsa').mpint(decode(e)).mpint(decode(n)).bytes() };
  }
  for (const type of Object.keys(CURVES) as (keyof typeof CURVES)[]) {
    const curve = CURVES[type];
    if (kty !== 'EC' || crv !== curve.jwk) continue;
    const point = Buffer.concat([Buffer.of(4), decode(x), decode(y)]);
    return { type, blob: new SshWriter().string(type).string(curve.ssh).string(point).bytes() };
  }
  throw new SshFormatError('unknown-key-type', 'the key is of a type that is not supported');
}

/** As OpenSSH prints it: `SHA256:` and the unpadded base64 of the hash of the blob. */
export function fingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

function readFields(reader: SshReader, type: SoftwareKeyType): JsonWebKey {
  switch (type) {
    case 'ssh-ed25519': {
      const x = reader.string();
      if (x.length !== 32) throw new SshFormatError('bad-key', 'an Ed25519 public key has 32 bytes');
      return { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') };
    }
    case 'ssh-rsa': {
      const e = reader.mpint(RSA_EXPONENT_LIMIT_BYTES);
      const n = reader.mpint();
      if ((e.at(-1) ?? 0) % 2 === 0 || (e.length === 1 && e[0] === 1)) {
        throw new SshFormatError('bad-key', 'an RSA exponent is odd and larger than one');
      }
      checkRsaSize(n);
      return { kty: 'RSA', e: e.toString('base64url'), n: n.toString('base64url') };
    }
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
      return readPoint(reader, CURVES[type]);
  }
}

/** OpenSSH makes keys for `ssh:…` alone; one that was made for a web site is none for a logon. */
function readApplication(reader: SshReader): string {
  const application = reader.text(APPLICATION_LIMIT_BYTES);
  if (!application.startsWith('ssh:')) {
    throw new SshFormatError('bad-key', 'the key of an authenticator was not made for SSH');
  }
  return application;
}

function readPoint(reader: SshReader, curve: Curve): JsonWebKey {
  if (reader.text() !== curve.ssh) throw new SshFormatError('bad-key', 'the curve is not the one of the key type');
  const point = reader.string();
  if (point[0] !== 4 || point.length !== 1 + 2 * curve.fieldBytes) {
    throw new SshFormatError('bad-key', 'the point of an ECDSA key is not in uncompressed form');
  }
  const x = point.subarray(1, 1 + curve.fieldBytes);
  const y = point.subarray(1 + curve.fieldBytes);
  return { kty: 'EC', crv: curve.jwk, x: x.toString('base64url'), y: y.toString('base64url') };
}

function checkRsaSize(n: Buffer): void {
  const bits = n.length * 8 - (n.length > 0 ? Math.clz32(n[0] ?? 0) - 24 : 0);
  if (bits < RSA_BITS.least) throw new SshFormatError('weak-key', `an RSA key has at least ${RSA_BITS.least} bits`);
  if (bits > RSA_BITS.most) throw new SshFormatError('too-long', `an RSA key has at most ${RSA_BITS.most} bits`);
}

/** node:crypto has no JWK for DSA, RSA-PSS and the like, and throws. */
function exportJwk(key: KeyObject): JsonWebKey {
  try {
    return key.export({ format: 'jwk' });
  } catch {
    return {};
  }
}

/** OpenSSL checks here that an ECDSA point lies on its curve. */
function importPublicKey(jwk: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    throw new SshFormatError('bad-key', 'the public key is not valid');
  }
}
