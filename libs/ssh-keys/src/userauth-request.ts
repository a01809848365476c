import { SshFormatError } from './ssh-format-error.js';
import { SshReader } from './ssh-reader.js';
import { SshWriter } from './ssh-writer.js';

/** SSH_MSG_USERAUTH_REQUEST, RFC 4252 section 6. */
const USERAUTH_REQUEST = 50;

/** Longest session identifier: the output of SHA-512, the largest hash of any key exchange. */
const SESSION_ID_LIMIT_BYTES = 64;
const USER_NAME_LIMIT_BYTES = 1024;
/** RFC 4251 section 6: names have at most 64 characters. */
const NAME_LIMIT_BYTES = 64;

/** What a client signs to prove that it holds a key, RFC 4252 section 7. */
export interface UserauthRequest {
  /** Exchange hash of the connection's first key exchange, RFC 4253 section 7.2. */
  readonly sessionId: Buffer;
  readonly userName: string;
  /** The service to start after authentication, `ssh-connection` in practice. */
  readonly serviceName: string;
  /** Signature algorithm, which for RSA is not the key's type (RFC 8332 section 3). */
  readonly algorithm: string;
  readonly publicKeyBlob: Buffer;
}

/**
 * Parses the bytes that are signed in a public key logon, and nothing else:
 *
 * ```
 * string    session identifier
 * byte      SSH_MSG_USERAUTH_REQUEST (50)
 * string    user name
 * string    service name
 * string    "publickey"
 * boolean   TRUE
 * string    public key algorithm name
 * string    public key to be used for authentication
 * ```
 *
 * Only the one canonical encoding passes, with nothing after it, so that `formatUserauthRequest` gives the same bytes again.
 * The key blob and the algorithm are taken as they are: who uses them compares them with a known key.
 * @throws SshFormatError for any other bytes
 */
export function parseUserauthRequest(bytes: Uint8Array): UserauthRequest {
  const reader = new SshReader(bytes);
  const sessionId = Buffer.from(reader.string(SESSION_ID_LIMIT_BYTES));
  demand(sessionId.length > 0, 'the session identifier is empty');
  demand(reader.byte() === USERAUTH_REQUEST, 'the message is not SSH_MSG_USERAUTH_REQUEST');
  const userName = reader.text(USER_NAME_LIMIT_BYTES);
  const serviceName = reader.text(NAME_LIMIT_BYTES);
  demand(reader.text(NAME_LIMIT_BYTES) === 'publickey', 'the method is not publickey');
  demand(reader.byte() === 1, 'the request is not one with a signature');
  const algorithm = reader.text(NAME_LIMIT_BYTES);
  const publicKeyBlob = Buffer.from(reader.string());
  reader.end();
  return { sessionId, userName, serviceName, algorithm, publicKeyBlob };
}

/** The bytes to sign for a request; the reverse of `parseUserauthRequest`. */
export function formatUserauthRequest(request: UserauthRequest): Buffer {
  return new SshWriter()
    .string(request.sessionId)
    .byte(USERAUTH_REQUEST)
    .string(request.userName)
    .string(request.serviceName)
    .string('publickey')
    .boolean(true)
    .string(request.algorithm)
    .string(request.publicKeyBlob)
    .bytes();
}

function demand(holds: boolean, message: string): void {
  if (!holds) throw new SshFormatError('not-a-userauth-request', message);
}
