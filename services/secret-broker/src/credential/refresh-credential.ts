import type { RefreshCredentialV1, RequestOf } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import { counter } from '@sallyport/telemetry';
import type { FindNextVersion } from './find-next-version.js';
import type { HostGuard } from './host-guard.js';
import type { LeaseRequests } from './lease-requests.js';
import type { Leases } from './leases.js';
import { permissionFor } from './permitted-requests.js';
import { secretOf, toVersion } from './read-version.js';
import type { Released } from './release-version.js';
import { releaseVersion } from './release-version.js';

const rotations = counter(
  'sallyport.credential.rotations',
  'Logons that met a rotation, by the stage of what was taken instead',
);

/**
 * The target refused a version, which may be the middle of a rotation: hands out another one for the same connection.
 * @throws DomainError `target.refused-credential` there is no other; `credential.*`, `secret.*`, `kms.*`, `audit.unavailable`
 */
export class RefreshCredential {
  constructor(
    private readonly requests: LeaseRequests,
    private readonly leases: Leases,
    private readonly guard: HostGuard,
    private readonly nextVersion: FindNextVersion,
    private readonly audit: AuditPublisher,
  ) {}

  run({ grantId, refusedVersionId }: RequestOf<typeof RefreshCredentialV1>): Promise<Released> {
    return this.requests.run('refresh', grantId, async (lease) => {
      const { versionId } = lease.version;
      if (refusedVersionId !== versionId) {
        throw new DomainError('request.invalid', 'refusedVersionId: not the version that was released last');
      }
      lease.noteRefusal();
      this.guard.refused(lease);
      const isLast = lease.attempts >= permissionFor('refresh').atMost;
      const refused = { versionId, tried: lease.triedVersionIds, isLast };
      const next = await this.nextVersion.run(secretOf(lease.grant), refused);
      rotations.add(1, { stage: next.stage });
      lease.demandAlive();
      lease.replace(toVersion(lease.grant, next.value, next.stage));
      this.leases.extend(grantId);
      return releaseVersion(lease, this.audit);
    });
  }
}
