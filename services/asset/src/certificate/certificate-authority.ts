import { randomUUID } from 'node:crypto';
import type { CertificateAuthority } from '@sallyport/contracts';
import { CertificateAuthorityId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { fingerprint, formatAuthorizedKey, parseAuthorizedKey, SshFormatError } from '@sallyport/ssh-keys';

/** Somebody whose certificates users may log on with. */
export interface StoredAuthority {
  id: CertificateAuthorityId;
  name: string;
  /** OpenSSH one-line form. */
  line: string;
  fingerprint: string;
  addedAt: Date;
}

/**
 * @param line OpenSSH one-line form
 * @throws DomainError `request.invalid` it has another form, or its key is of a kind or size that is not accepted
 */
export function newAuthority(name: string, line: string, addedAt: Date): StoredAuthority {
  try {
    const key = parseAuthorizedKey(line);
    const id = CertificateAuthorityId.parse(randomUUID());
    return { id, name, line: formatAuthorizedKey(key), fingerprint: fingerprint(key.blob), addedAt };
  } catch (error) {
    if (error instanceof SshFormatError)
      throw new DomainError('request.invalid', `public key: ${error.message}`, { cause: error });
    throw error;
  }
}

export function describeAuthority({ id, name, line, fingerprint, addedAt }: StoredAuthority): CertificateAuthority {
  return { id, name, publicKey: line, fingerprint, addedAt: addedAt.toISOString() };
}
