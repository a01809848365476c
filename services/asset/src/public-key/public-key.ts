import { randomUUID } from 'node:crypto';
import type { PublicKey, UserId } from '@sallyport/contracts';
import { PublicKeyId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { fingerprint, formatAuthorizedKey, parseAuthorizedKey, SshFormatError } from '@sallyport/ssh-keys';

/** A key that a user may sign with. */
export interface UserKey {
  id: PublicKeyId;
  userId: UserId;
  /** OpenSSH one-line form. */
  line: string;
  fingerprint: string;
}

/**
 * @param line OpenSSH one-line form
 * @throws DomainError `request.invalid` it has another form, or its key is of a kind or size that is not accepted
 */
export function newUserKey(userId: UserId, line: string): UserKey {
  try {
    const key = parseAuthorizedKey(line);
    return {
      id: PublicKeyId.parse(randomUUID()),
      userId,
      line: formatAuthorizedKey(key),
      fingerprint: fingerprint(key.blob),
    };
  } catch (error) {
    if (error instanceof SshFormatError)
      throw new DomainError('request.invalid', `public key: ${error.message}`, { cause: error });
    throw error;
  }
}

export function describeKey(key: UserKey): PublicKey {
  return { id: key.id, publicKey: key.line, fingerprint: key.fingerprint };
}
