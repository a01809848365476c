import type { OpenCredentialV1, RequestOf } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import type { TokenVerifier } from '@sallyport/tokens';
import type { LeaseRequests } from './lease-requests.js';
import type { Released } from './release-version.js';
import { releaseVersion } from './release-version.js';
import { verifyHostKey } from './verify-host-key.js';

/**
 * Hands the credential out, for one connection to the target, after its host key is known to be the right one.
 * @throws DomainError `host-key.unverified`, `credential.not-prepared`, `credential.exhausted`, `audit.unavailable`
 */
export class OpenCredential {
  constructor(
    private readonly requests: LeaseRequests,
    private readonly tokens: TokenVerifier,
    private readonly audit: AuditPublisher,
  ) {}

  run({ grantId, hostKey, attestation, targetSessionId }: RequestOf<typeof OpenCredentialV1>): Promise<Released> {
    return this.requests.run('open', grantId, async (lease) => {
      const blob = Buffer.from(hostKey, 'base64');
      const hostKeyFingerprint = await verifyHostKey(lease.grant, blob, attestation, this.tokens);
      lease.bindTo({ hostKeyFingerprint, sessionId: Buffer.from(targetSessionId, 'base64') });
      return releaseVersion(lease, this.audit);
    });
  }
}
