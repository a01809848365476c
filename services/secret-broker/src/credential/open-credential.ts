import type { OpenCredentialV1, RequestOf } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import type { TokenVerifier } from '@sallyport/tokens';
import type { LeaseRequests } from './lease-requests.js';
import type { Released } from './release-version.js';
import { releaseVersion } from './release-version.js';
import { verifyExchange } from './verify-exchange.js';
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

  run({ grantId, attestation, ...shown }: RequestOf<typeof OpenCredentialV1>): Promise<Released> {
    const hostKey = Buffer.from(shown.hostKey, 'base64');
    const sessionId = Buffer.from(shown.targetSessionId, 'base64');
    const signature = Buffer.from(shown.hostKeySignature, 'base64');
    return this.requests.run('open', grantId, async (lease) => {
      const hostKeyFingerprint = await verifyHostKey(lease.grant, hostKey, attestation, this.tokens);
      verifyExchange(hostKey, sessionId, signature);
      lease.bindTo({ hostKeyFingerprint, sessionId });
      return releaseVersion(lease, this.audit);
    });
  }
}
