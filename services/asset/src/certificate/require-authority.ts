import type { CertificateAuthorityId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { CertificateAuthorities } from './certificate-authorities.js';
import type { StoredAuthority } from './certificate-authority.js';

/** @throws DomainError `certificate-authority.not-found` */
export async function requireAuthority(
  authorities: CertificateAuthorities,
  id: CertificateAuthorityId,
): Promise<StoredAuthority> {
  const authority = await authorities.byId(id);
  if (!authority) throw noSuchAuthority();
  return authority;
}

export function noSuchAuthority(): DomainError {
  return new DomainError('certificate-authority.not-found', 'there is no such authority');
}
