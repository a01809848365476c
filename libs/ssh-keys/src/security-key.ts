import { createHash } from 'node:crypto';
import type { SshReader } from './ssh-reader.js';

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;

/** What an authenticator says beside its signature. */
export interface Assertion {
  /** Somebody touched it for this very signature. */
  readonly userPresent: boolean;
  /** …and gave it a PIN or a fingerprint. */
  readonly userVerified: boolean;
  /** Grows with each signature, where the authenticator counts at all. */
  readonly counter: number;
  /** The bytes that the signature is over. */
  readonly signed: Buffer;
}

/**
 * The rest of a signature blob after `string algorithm, string signature` (OpenSSH's PROTOCOL.u2f):
 * ```
 * byte      flags
 * uint32    counter
 * ```
 * What is signed is `SHA-256(application), flags, counter, SHA-256(data)`, so none of it can be changed.
 * @throws SshFormatError there is more or less of it
 */
export function readAssertion(reader: SshReader, application: string, data: Uint8Array): Assertion {
  const flags = reader.byte();
  const counter = reader.uint32();
  reader.end();
  const middle = Buffer.alloc(5);
  middle.writeUInt8(flags);
  middle.writeUInt32BE(counter, 1);
  const signed = Buffer.concat([sha256(application), middle, sha256(data)]);
  return { userPresent: (flags & USER_PRESENT) !== 0, userVerified: (flags & USER_VERIFIED) !== 0, counter, signed };
}

const sha256 = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest();
