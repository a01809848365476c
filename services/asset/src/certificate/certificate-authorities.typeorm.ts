import type { CertificateAuthorityId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Database } from '@sallyport/postgres';
import { violatedConstraint } from '@sallyport/postgres';
import type { Repository } from 'typeorm';
import { CertificateAuthorityEntity } from './certificate-authority.entity.js';
import type { StoredAuthority } from './certificate-authority.js';
import { CertificateAuthorities } from './certificate-authorities.js';

export class DatabaseCertificateAuthorities extends CertificateAuthorities {
  constructor(private readonly database: Database) {
    super();
  }

  async add(authority: StoredAuthority): Promise<void> {
    try {
      await this.#rows.insert({ ...authority });
    } catch (error) {
      if (violatedConstraint(error) === 'certificate_authorities_fingerprint_unique')
        throw new DomainError('certificate-authority.exists', 'this authority is trusted already', { cause: error });
      throw error;
    }
  }

  all(): Promise<StoredAuthority[]> {
    return this.#rows.find({ order: { addedAt: 'ASC', id: 'ASC' } });
  }

  async byId(id: CertificateAuthorityId): Promise<StoredAuthority | undefined> {
    return (await this.#rows.findOneBy({ id })) ?? undefined;
  }

  trusts(fingerprint: string): Promise<boolean> {
    return this.#rows.existsBy({ fingerprint });
  }

  async remove(id: CertificateAuthorityId): Promise<StoredAuthority | undefined> {
    const row = await this.byId(id);
    const { affected } = await this.#rows.delete({ id });
    return affected === 1 ? row : undefined;
  }

  get #rows(): Repository<CertificateAuthorityEntity> {
    return this.database.manager.getRepository(CertificateAuthorityEntity);
  }
}
