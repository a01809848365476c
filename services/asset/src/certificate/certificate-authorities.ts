import type { CertificateAuthorityId } from '@sallyport/contracts';
import type { StoredAuthority } from './certificate-authority.js';

/** Port: authorities that are trusted, each by its key once. */
export abstract class CertificateAuthorities {
  /** @throws DomainError `certificate-authority.exists` */
  abstract add(authority: StoredAuthority): Promise<void>;
  /** Oldest first. */
  abstract all(): Promise<StoredAuthority[]>;
  abstract byId(id: CertificateAuthorityId): Promise<StoredAuthority | undefined>;
  /** @param fingerprint of its key */
  abstract trusts(fingerprint: string): Promise<boolean>;
  /** @returns what it was */
  abstract remove(id: CertificateAuthorityId): Promise<StoredAuthority | undefined>;
}
