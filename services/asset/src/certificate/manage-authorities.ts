import type { CertificateAuthority, CertificateAuthorityId, UserId } from '@sallyport/contracts';
import { CertificateAuthorityAdded, CertificateAuthorityRemoved } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Clock } from '../clock/clock.js';
import type { Transaction } from '../transaction/transaction.js';
import type { CertificateAuthorities } from './certificate-authorities.js';
import { describeAuthority, newAuthority } from './certificate-authority.js';
import { noSuchAuthority } from './require-authority.js';

/** An administrator looks at the authorities that are trusted, adds and removes them. */
export class ManageAuthorities {
  constructor(
    private readonly transaction: Transaction,
    private readonly authorities: CertificateAuthorities,
    private readonly clock: Clock,
    private readonly audit: AuditPublisher,
  ) {}

  async list(): Promise<CertificateAuthority[]> {
    return (await this.authorities.all()).map(describeAuthority);
  }

  /** @throws DomainError `certificate-authority.exists`, `request.invalid`, `audit.unavailable` */
  async add(actorId: UserId, name: string, line: string): Promise<CertificateAuthority> {
    const authority = newAuthority(name, line, this.clock.now());
    const after = describeAuthority(authority);
    await this.transaction.run(async () => {
      await this.authorities.add(authority);
      await this.audit.publish(CertificateAuthorityAdded, { actorId, after });
    });
    return after;
  }

  /** @throws DomainError `certificate-authority.not-found`, `audit.unavailable` */
  async remove(actorId: UserId, id: CertificateAuthorityId): Promise<void> {
    await this.transaction.run(async () => {
      const authority = await this.authorities.remove(id);
      if (!authority) throw noSuchAuthority();
      await this.audit.publish(CertificateAuthorityRemoved, { actorId, before: describeAuthority(authority) });
    });
  }
}
