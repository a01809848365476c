import { certifiedKeyType } from './certificate-type.js';
import type { KeyType } from './key-type.js';
import { isSecurityKeyType } from './key-type.js';
import { parsePublicKeyBlob } from './public-key.js';
import { verifySignature } from './signature.js';
import { SshFormatError } from './ssh-format-error.js';
import { SshReader } from './ssh-reader.js';
import { SshWriter } from './ssh-writer.js';

/** Longest certificate, in bytes: two RSA keys and a signature of 16,384 bits are 6 KiB, the rest is for names. */
export const CERTIFICATE_LIMIT_BYTES = 16_384;
/** As many as OpenSSH takes. */
const PRINCIPALS_LIMIT = 256;
const OPTIONS_LIMIT = 64;
const NAME_LIMIT_BYTES = 1_024;

const KINDS: Readonly<Record<number, 'user' | 'host'>> = { 1: 'user', 2: 'host' };

/** Names and their data, RFC 4251 `string` each. The data of an option is empty, or a `string` within. */
export type CertificateOptions = ReadonlyMap<string, Buffer>;

/** What an authority says of a key. Nothing of it is worth anything before `isSigned`, and the authority is to be known. */
export interface Certificate {
  readonly kind: 'user' | 'host';
  /** Of the certified key. */
  readonly keyType: KeyType;
  /** The certified key itself, RFC 4253 section 6.6. */
  readonly publicKeyBlob: Buffer;
  /** 64 bits, as the authority counts; 0 when it does not. */
  readonly serial: bigint;
  /** What the authority calls it in its logs; may be empty. */
  readonly keyId: string;
  /** Names that it is good for. None: good for every name, to OpenSSH; to us for nobody. */
  readonly principals: readonly string[];
  /** Seconds since 1970; good from the first on, and up to but without the second. */
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  readonly criticalOptions: CertificateOptions;
  readonly extensions: CertificateOptions;
  /** The key blob of the authority. */
  readonly authorityBlob: Buffer;
  /** Whether the authority signed it, by an algorithm that we take: not by RSA with SHA-1. */
  isSigned(): boolean;
}

/**
 * OpenSSH's PROTOCOL.certkeys:
 * ```
 * string    type, such as "ssh-ed25519-cert-v01@openssh.com"
 * string    nonce
 * ...       the key, as in its blob: string | string curve, string Q | mpint e, mpint n [, string application]
 * uint64    serial
 * uint32    1 for users, 2 for hosts
 * string    key id
 * string    principals: string, string, ...
 * uint64    valid after
 * uint64    valid before
 * string    critical options: string name, string data, ...
 * string    extensions, likewise
 * string    reserved
 * string    key blob of the authority
 * string    its signature blob, over everything before
 * ```
 * @throws SshFormatError for any other bytes, and for one that is signed by a certificate
 */
export function parseCertificate(bytes: Uint8Array): Certificate {
  if (bytes.length > CERTIFICATE_LIMIT_BYTES) {
    throw new SshFormatError('too-long', `a certificate is longer than ${CERTIFICATE_LIMIT_BYTES} bytes`);
  }
  const reader = new SshReader(bytes);
  const keyType = certifiedKeyType(reader.text(NAME_LIMIT_BYTES));
  if (!keyType) throw new SshFormatError('unknown-key-type', 'this is no certificate of a type that is supported');
  reader.string();
  const publicKeyBlob = readKey(reader, keyType);
  const serial = reader.uint64();
  const kind = KINDS[reader.uint32()];
  if (!kind) throw bad('a certificate is for a user or for a host');
  const keyId = reader.text(NAME_LIMIT_BYTES);
  const principals = readPrincipals(reader.string(CERTIFICATE_LIMIT_BYTES));
  const [validAfter, validBefore] = [reader.uint64(), reader.uint64()];
  const criticalOptions = readOptions(reader.string(CERTIFICATE_LIMIT_BYTES));
  const extensions = readOptions(reader.string(CERTIFICATE_LIMIT_BYTES));
  reader.string();
  const authority = parsePublicKeyBlob(reader.string(CERTIFICATE_LIMIT_BYTES));
  const signed = Buffer.from(bytes.subarray(0, bytes.length - reader.remainingBytes));
  const signatureBlob = Buffer.from(reader.string(CERTIFICATE_LIMIT_BYTES));
  reader.end();
  const claim = { publicKeyBlob: authority.blob, algorithm: algorithmOf(signatureBlob), data: signed, signatureBlob };
  return {
    ...{
      kind,
      keyType,
      publicKeyBlob,
      serial,
      keyId,
      principals,
      validAfter,
      validBefore,
      criticalOptions,
      extensions,
    },
    authorityBlob: authority.blob,
    isSigned: () => verifySignature(claim),
  };
}

/**
 * The one text that is the data of an option.
 * @throws SshFormatError it is something else
 */
export function readOptionText(data: Buffer): string {
  const reader = new SshReader(data);
  const text = reader.text();
  reader.end();
  return text;
}

/** The fields of the key stand open in a certificate: with its type before them they are its blob. */
function readKey(reader: SshReader, type: KeyType): Buffer {
  const blob = new SshWriter().string(type);
  if (type === 'ssh-rsa') blob.mpint(reader.mpint()).mpint(reader.mpint());
  else if (type.includes('ecdsa')) blob.string(reader.string()).string(reader.string());
  else blob.string(reader.string());
  if (isSecurityKeyType(type)) blob.string(reader.string());
  return parsePublicKeyBlob(blob.bytes()).blob;
}

function readPrincipals(bytes: Buffer): string[] {
  const reader = new SshReader(bytes);
  const principals: string[] = [];
  while (reader.remainingBytes > 0) {
    if (principals.length === PRINCIPALS_LIMIT) throw bad(`a certificate names at most ${PRINCIPALS_LIMIT} principals`);
    principals.push(reader.text(NAME_LIMIT_BYTES));
  }
  return principals;
}

function readOptions(bytes: Buffer): CertificateOptions {
  const reader = new SshReader(bytes);
  const options = new Map<string, Buffer>();
  while (reader.remainingBytes > 0) {
    const name = reader.text(NAME_LIMIT_BYTES);
    if (options.has(name)) throw bad('a certificate has an option twice');
    if (options.size === OPTIONS_LIMIT) throw bad(`a certificate has at most ${OPTIONS_LIMIT} options`);
    options.set(name, Buffer.from(reader.string(CERTIFICATE_LIMIT_BYTES)));
  }
  return options;
}

/** Whichever of the authority's it is; `verifySignature` knows which are none. */
function algorithmOf(signatureBlob: Buffer): string {
  return new SshReader(signatureBlob).text(NAME_LIMIT_BYTES);
}

function bad(message: string): SshFormatError {
  return new SshFormatError('bad-certificate', message);
}
