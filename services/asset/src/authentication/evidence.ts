import { createHash } from 'node:crypto';
import type { EventData, RequestOf } from '@sallyport/contracts';
import type { AuthenticateUserV1, UserAuthenticationFailed } from '@sallyport/contracts';
import type { UserauthRequest } from '@sallyport/ssh-keys';
import { parseUserauthRequest, SshFormatError } from '@sallyport/ssh-keys';

export type Claim = RequestOf<typeof AuthenticateUserV1>;
export type Evidence = Claim['evidence'];
export type PublicKeyEvidence = Extract<Evidence, { method: 'publickey' }>;
export type PasswordEvidence = Extract<Evidence, { method: 'password' }>;
export type CodeEvidence = Extract<Evidence, { method: 'code' }>;
/** For auditors; the user never learns it. */
export type Flaw = EventData<typeof UserAuthenticationFailed>['reason'];

/** The USER of `USER@ACCOUNT@HOST`, with `+` as good as `@`. */
export function userPart(sshUserName: string): string {
  return /^[^@+]*/.exec(sshUserName)?.[0] ?? '';
}

/**
 * What was signed, when it is a request of RFC 4252 section 7 that belongs to this connection and this user name; undefined
 * for everything else. The signature itself, and whose key it is, are for the caller to check.
 */
export function readSigned(evidence: PublicKeyEvidence, claim: Claim): UserauthRequest | undefined {
  try {
    const request = parseUserauthRequest(Buffer.from(evidence.signed, 'base64'));
    const sameConnection = createHash('sha256').update(request.sessionId).digest('hex') === claim.connection;
    const sameUser = request.userName === claim.sshUserName;
    return sameConnection && sameUser && request.serviceName === 'ssh-connection' ? request : undefined;
  } catch (error) {
    if (error instanceof SshFormatError) return undefined;
    throw error;
  }
}

/**
 * Equal for the same evidence. Of a signature it is what was signed, since one can often be turned into another that also
 * verifies (ECDSA: s and n - s); of a password or a code the sealed box, which cannot be changed and still open.
 */
export function digestOf(evidence: Evidence): Buffer {
  const hash = createHash('sha256').update(`${evidence.method}\0`);
  if (evidence.method === 'publickey') return hash.update(Buffer.from(evidence.signed, 'base64')).digest();
  const { enc, ciphertext } = evidence.method === 'code' ? evidence.code : evidence.password;
  return hash.update(Buffer.from(enc, 'base64')).update('\0').update(Buffer.from(ciphertext, 'base64')).digest();
}
