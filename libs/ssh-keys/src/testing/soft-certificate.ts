import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { PrivateKey } from '../private-key.js';
import { SshReader } from '../ssh-reader.js';
import { SshWriter } from '../ssh-writer.js';

/** What a certificate says; what is left out is as in one that is good for `alice`, now and always. */
export interface CertificateFields {
  readonly type?: string;
  readonly kind?: number;
  readonly serial?: bigint;
  readonly keyId?: string;
  readonly principals?: readonly string[];
  readonly validAfter?: bigint;
  readonly validBefore?: bigint;
  /** Name and data, each in the order in which it is written. */
  readonly criticalOptions?: readonly (readonly [string, string?])[];
  readonly extensions?: readonly (readonly [string, string?])[];
}

/** For tests: an Ed25519 key. */
export function newKey(): PrivateKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  return PrivateKey.parse(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
}

/** For tests: a certificate of `authority` for a key, whatever it says. @param publicKeyBlob the key that is certified */
export function softCertificate(authority: PrivateKey, publicKeyBlob: Buffer, fields: CertificateFields = {}): Buffer {
  const key = new SshReader(publicKeyBlob);
  const keyType = key.text();
  const plainName = keyType.replace('@openssh.com', '');
  const { type = `${plainName}-cert-v01@openssh.com`, kind = 1, serial = 7n, keyId = 'test' } = fields;
  const { principals = ['alice'], validAfter = 0n, validBefore = 2n ** 64n - 1n } = fields;
  const { criticalOptions = [], extensions = [] } = fields;
  const names = new SshWriter();
  for (const principal of principals) names.string(principal);
  const head = new SshWriter().string(type).string(randomBytes(32)).bytes();
  const openFields = publicKeyBlob.subarray(publicKeyBlob.length - key.remainingBytes);
  const rest = new SshWriter().uint64(serial).uint32(kind).string(keyId).string(names.bytes());
  rest.uint64(validAfter).uint64(validBefore).string(options(criticalOptions)).string(options(extensions));
  const signed = Buffer.concat([head, openFields, rest.string('').string(authority.publicKeyBlob).bytes()]);
  const [algorithm = ''] = authority.algorithms;
  return Buffer.concat([signed, new SshWriter().string(authority.sign(algorithm, signed)).bytes()]);
}

function options(named: readonly (readonly [string, string?])[]): Buffer {
  const writer = new SshWriter();
  for (const [name, text] of named)
    writer.string(name).string(text === undefined ? '' : new SshWriter().string(text).bytes());
  return writer.bytes();
}
