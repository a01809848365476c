import type { CertificateAuthorityId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { StoredAuthority } from './certificate-authority.js';
import { CertificateAuthorities } from './certificate-authorities.js';

export class FakeCertificateAuthorities extends CertificateAuthorities {
  readonly #authorities = new Map<CertificateAuthorityId, StoredAuthority>();

  async add(authority: StoredAuthority): Promise<void> {
    if (await this.trusts(authority.fingerprint))
      throw new DomainError('certificate-authority.exists', 'this authority is trusted already');
    this.#authorities.set(authority.id, authority);
  }

  all(): Promise<StoredAuthority[]> {
    return Promise.resolve([...this.#authorities.values()]);
  }

  byId(id: CertificateAuthorityId): Promise<StoredAuthority | undefined> {
    return Promise.resolve(this.#authorities.get(id));
  }

  trusts(fingerprint: string): Promise<boolean> {
    return Promise.resolve([...this.#authorities.values()].some((each) => each.fingerprint === fingerprint));
  }

  remove(id: CertificateAuthorityId): Promise<StoredAuthority | undefined> {
    const authority = this.#authorities.get(id);
    this.#authorities.delete(id);
    return Promise.resolve(authority);
  }
}
