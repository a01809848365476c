import { CERTIFICATE_LIMIT_BYTES, SshReader } from '@sallyport/ssh-keys';
import { SshError } from '../ssh-error.js';

const USER_NAME_LIMIT_BYTES = 1_024;
/** RFC 4251 section 6 */
const NAME_LIMIT_BYTES = 64;
const PASSWORD_LIMIT_BYTES = 1_024;
const HINT_LIMIT_BYTES = 1_024;
const SIGNATURE_LIMIT_BYTES = 4_096;

/** One SSH_MSG_USERAUTH_REQUEST of a client, as far as we know its method, or its answers to our questions. Nothing in it is verified. */
export type AuthAttempt = { readonly user: string } & (
  | { readonly method: 'none' }
  /** UTF-8, RFC 4252 section 8. Wiped when the attempt was answered: copy what must stay. */
  | { readonly method: 'password'; readonly password: Buffer }
  /** "Would this key do?" without proof. Whoever has the public half can ask. */
  | { readonly method: 'publickey-query'; readonly algorithm: string; readonly publicKey: Buffer }
  | {
      readonly method: 'publickey';
      readonly algorithm: string;
      readonly publicKey: Buffer;
      /** The very bytes that the signature is over (RFC 4252 section 7), session identifier first. */
      readonly signed: Buffer;
      /** `string algorithm, string value`, as it came. */
      readonly signature: Buffer;
    }
  /** The client would answer questions (RFC 4256). */
  | { readonly method: 'keyboard-interactive' }
  /** …and did, as many as were asked. Wiped when the attempt was answered: copy what must stay. */
  | { readonly method: 'answers'; readonly answers: readonly Buffer[] }
  | { readonly method: 'unsupported'; readonly name: string }
);

/**
 * ```
 * byte      SSH_MSG_USERAUTH_REQUEST
 * string    user name
 * string    service name, always "ssh-connection"
 * string    method name
 * ...       by method: nothing | boolean, string password | boolean, string algorithm, string key [, string signature]
 *           | string language tag, string submethods
 * ```
 * @param payload kept by the attempt, not copied
 * @throws SshError `protocol`, SshFormatError
 */
export function readAuthAttempt(payload: Buffer, sessionId: Buffer): AuthAttempt {
  const reader = new SshReader(payload);
  reader.byte();
  const user = reader.text(USER_NAME_LIMIT_BYTES);
  if (reader.text(NAME_LIMIT_BYTES) !== 'ssh-connection') throw new SshError('protocol', 'unknown service');
  const name = reader.text(NAME_LIMIT_BYTES);
  switch (name) {
    case 'none':
      return { method: 'none', user };
    case 'password': {
      const isChange = reader.boolean();
      const password = reader.string(PASSWORD_LIMIT_BYTES);
      if (isChange) return { method: 'unsupported', user, name: 'password change' };
      return { method: 'password', user, password };
    }
    case 'publickey': {
      const isSigned = reader.boolean();
      const algorithm = reader.text(NAME_LIMIT_BYTES);
      const publicKey = reader.string(CERTIFICATE_LIMIT_BYTES);
      if (!isSigned) return { method: 'publickey-query', user, algorithm, publicKey };
      const covered = payload.subarray(0, payload.length - reader.remainingBytes);
      const signature = reader.string(SIGNATURE_LIMIT_BYTES);
      return { method: 'publickey', user, algorithm, publicKey, signed: withSessionId(covered, sessionId), signature };
    }
    case 'keyboard-interactive': {
      // RFC 4256 section 3.1: a language tag and hints for submethods, both of which we may ignore.
      reader.string(HINT_LIMIT_BYTES);
      reader.string(HINT_LIMIT_BYTES);
      return { method: 'keyboard-interactive', user };
    }
    default:
      return { method: 'unsupported', user, name };
  }
}

function withSessionId(covered: Buffer, sessionId: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(sessionId.length);
  return Buffer.concat([length, sessionId, covered]);
}
