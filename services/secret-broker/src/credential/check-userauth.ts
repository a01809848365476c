import { DomainError } from '@sallyport/errors';
import type { PrivateKey, SignatureAlgorithm } from '@sallyport/ssh-keys';
import { parseUserauthRequest, SshFormatError } from '@sallyport/ssh-keys';

/** RFC 4254 section 1: the service that a logon asks for. */
const CONNECTION_SERVICE = 'ssh-connection';

export interface PermittedUserauth {
  readonly userName: string;
  readonly key: PrivateKey;
  /** SSH session identifier of the connection to the target. */
  readonly sessionId: Buffer;
}

/**
 * The algorithm to sign with, when the bytes are a userauth request (RFC 4252 section 7) for exactly this user, key and
 * connection. The broker is no oracle: whatever else parses, or does not, is refused.
 * @throws DomainError `signature.refused`
 */
export function checkUserauth(bytes: Buffer, permitted: PermittedUserauth): SignatureAlgorithm {
  const request = parse(bytes);
  demand(request.sessionId.equals(permitted.sessionId), 'it is for another connection');
  demand(request.userName === permitted.userName, 'it is for another user name');
  demand(request.serviceName === CONNECTION_SERVICE, `it is for a service other than ${CONNECTION_SERVICE}`);
  demand(request.publicKeyBlob.equals(permitted.key.publicKeyBlob), 'it is for another key');
  const algorithm = permitted.key.algorithms.find((known) => known === request.algorithm);
  if (!algorithm) throw refused('it names an algorithm that the key cannot do');
  return algorithm;
}

function parse(bytes: Buffer) {
  try {
    return parseUserauthRequest(bytes);
  } catch (error) {
    if (error instanceof SshFormatError) throw refused(`it is no userauth request: ${error.message}`);
    throw error;
  }
}

function demand(holds: boolean, reason: string): void {
  if (!holds) throw refused(reason);
}

function refused(reason: string): DomainError {
  return new DomainError('signature.refused', `this will not be signed: ${reason}`);
}
