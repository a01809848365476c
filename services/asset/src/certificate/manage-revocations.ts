import { randomUUID } from 'node:crypto';
import type { CertificateAuthorityId, CertificateRevocation, UserId } from '@sallyport/contracts';
import { CertificateRestored, CertificateRevocationId, CertificateRevoked } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Clock } from '../clock/clock.js';
import type { Transaction } from '../transaction/transaction.js';
import type { CertificateAuthorities } from './certificate-authorities.js';
import { requireAuthority } from './require-authority.js';
import { describeRevocation } from './revocation.js';
import type { Revocations } from './revocations.js';

/** One of both. */
export interface WhatToRevoke {
  serial?: string | undefined;
  keyId?: string | undefined;
}

/** An administrator makes certificates of an authority good for nothing, before they expire. */
export class ManageRevocations {
  constructor(
    private readonly transaction: Transaction,
    private readonly authorities: CertificateAuthorities,
    private readonly revocations: Revocations,
    private readonly clock: Clock,
    private readonly audit: AuditPublisher,
  ) {}

  /** @throws DomainError `certificate-authority.not-found` */
  async list(authorityId: CertificateAuthorityId): Promise<CertificateRevocation[]> {
    const { fingerprint } = await requireAuthority(this.authorities, authorityId);
    return (await this.revocations.of(fingerprint)).map(describeRevocation);
  }

  /** @throws DomainError `certificate-authority.not-found`, `request.invalid`, `audit.unavailable` */
  async revoke(
    actorId: UserId,
    authorityId: CertificateAuthorityId,
    { serial, keyId }: WhatToRevoke,
  ): Promise<CertificateRevocation> {
    if ((serial === undefined) === (keyId === undefined))
      throw new DomainError('request.invalid', 'either serial or keyId says what is revoked');
    const id = CertificateRevocationId.parse(randomUUID());
    return this.transaction.run(async () => {
      const { fingerprint: authority } = await requireAuthority(this.authorities, authorityId);
      const revokedAt = this.clock.now();
      const after = describeRevocation(await this.revocations.add({ id, authority, serial, keyId, revokedAt }));
      await this.audit.publish(CertificateRevoked, { actorId, authority, after });
      return after;
    });
  }

  /** @throws DomainError `certificate-authority.not-found`, `certificate-revocation.not-found`, `audit.unavailable` */
  async restore(actorId: UserId, authorityId: CertificateAuthorityId, id: CertificateRevocationId): Promise<void> {
    await this.transaction.run(async () => {
      const { fingerprint: authority } = await requireAuthority(this.authorities, authorityId);
      const gone = await this.revocations.remove(authority, id);
      if (!gone) throw new DomainError('certificate-revocation.not-found', 'there is no such revocation');
      await this.audit.publish(CertificateRestored, { actorId, authority, before: describeRevocation(gone) });
    });
  }
}
