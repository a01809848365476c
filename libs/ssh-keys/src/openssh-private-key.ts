import type { JsonWebKey } from 'node:crypto';
import type { Curve, SoftwareKeyType } from './key-type.js';
import { CURVES, isKeyType, isSecurityKeyType } from './key-type.js';
import { SshFormatError } from './ssh-format-error.js';
import { SshReader } from './ssh-reader.js';

const MAGIC = Buffer.from('openssh-key-v1\0', 'latin1');
/** Cipher block size that applies when there is no cipher. */
const BLOCK_BYTES = 8;

export interface OpensshPrivateKey {
  /** In the form that node:crypto imports. Its strings hold the key and cannot be wiped: let go of it soon. */
  readonly jwk: JsonWebKey;
  /** The public key as the file states it: to be compared with the key's own. */
  readonly publicKeyBlob: Buffer;
}

/**
 * Parses the body of `BEGIN OPENSSH PRIVATE KEY` (OpenSSH's PROTOCOL.key), without encryption:
 *
 * ```
 * byte[]    "openssh-key-v1" and a zero byte
 * string    cipher name, "none"
 * string    name of the key derivation, "none"
 * string    its options, empty
 * uint32    number of keys, 1
 * string    public key blob
 * string    private section:
 *   uint32  check int
 *   uint32  the same again
 *   string  key type
 *   ...     the key, see below
 *   string  comment
 *   byte[]  padding 1, 2, 3, ... up to a whole block of 8 bytes
 * ```
 * @throws SshFormatError the body has another layout, or its key is encrypted or of a type that is not supported
 */
export function parseOpensshPrivateKey(body: Buffer): OpensshPrivateKey {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) throw bad('the OpenSSH private key does not begin as one');
  const outer = new SshReader(body.subarray(MAGIC.length));
  if (outer.text() !== 'none' || outer.text() !== 'none') {
    throw new SshFormatError('encrypted-key', 'the private key is encrypted');
  }
  outer.string();
  if (outer.uint32() !== 1) throw bad('an OpenSSH private key file holds one key');
  const publicKeyBlob = Buffer.from(outer.string());
  const section = outer.string();
  outer.end();
  if (section.length % BLOCK_BYTES !== 0) throw bad('the private section is not padded to whole blocks');
  return { jwk: readPrivateSection(new SshReader(section)), publicKeyBlob };
}

function readPrivateSection(reader: SshReader): JsonWebKey {
  if (reader.uint32() !== reader.uint32()) throw bad('the check ints of the private key differ');
  const type = reader.text();
  if (!isKeyType(type) || isSecurityKeyType(type))
    throw new SshFormatError('unknown-key-type', 'the private key is of a type that is not supported');
  const jwk = readFields(reader, type);
  reader.string();
  for (let expected = 1; reader.remainingBytes > 0; expected++) {
    if (reader.byte() !== expected) throw bad('the padding of the private key is wrong');
  }
  return jwk;
}

function readFields(reader: SshReader, type: SoftwareKeyType): JsonWebKey {
  switch (type) {
    case 'ssh-ed25519':
      return readEd25519(reader);
    case 'ssh-rsa':
      return readRsa(reader);
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
      return readEcdsa(reader, CURVES[type]);
  }
}

/** string public key (32 bytes), string seed and public key (64 bytes). */
function readEd25519(reader: SshReader): JsonWebKey {
  const publicKey = reader.string();
  const both = reader.string();
  if (publicKey.length !== 32 || both.length !== 64) throw bad('an Ed25519 private key has 32 and 64 bytes');
  return { kty: 'OKP', crv: 'Ed25519', x: encode(publicKey), d: encode(both.subarray(0, 32)) };
}

/** string curve, string Q, mpint d. */
function readEcdsa(reader: SshReader, curve: Curve): JsonWebKey {
  if (reader.text() !== curve.ssh) throw bad('the curve is not the one of the key type');
  const point = reader.string();
  const { fieldBytes } = curve;
  if (point[0] !== 4 || point.length !== 1 + 2 * fieldBytes) throw bad('the point is not in uncompressed form');
  const d = reader.mpint(fieldBytes);
  const padded = Buffer.concat([Buffer.alloc(fieldBytes - d.length), d]);
  const [x, y] = [point.subarray(1, 1 + fieldBytes), point.subarray(1 + fieldBytes)];
  return { kty: 'EC', crv: curve.jwk, x: encode(x), y: encode(y), d: encode(padded) };
}

/** mpint n, mpint e, mpint d, mpint iqmp, mpint p, mpint q; the two exponents that PKCS#1 adds are computed. */
function readRsa(reader: SshReader): JsonWebKey {
  const [n, e, d, qi] = [reader.mpint(), reader.mpint(), reader.mpint(), reader.mpint()];
  const [p, q] = [reader.mpint(), reader.mpint()];
  return {
    kty: 'RSA',
    n: encode(n),
    e: encode(e),
    d: encode(d),
    p: encode(p),
    q: encode(q),
    dp: encode(exponent(d, p)),
    dq: encode(exponent(d, q)),
    qi: encode(qi),
  };
}

/** d mod (prime - 1), RFC 8017 section 3.2. */
function exponent(d: Buffer, prime: Buffer): Buffer {
  const modulus = toBigInt(prime) - 1n;
  if (modulus <= 0n) throw bad('a prime of the RSA key is too small');
  const hex = (toBigInt(d) % modulus).toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}

function toBigInt(magnitude: Buffer): bigint {
  return magnitude.length === 0 ? 0n : BigInt(`0x${magnitude.toString('hex')}`);
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64url');
}

function bad(message: string): SshFormatError {
  return new SshFormatError('bad-key', message);
}
