import type { GrantClaims, ReplyOf } from '@sallyport/contracts';
import { HostKeyPinned, PinHostKeyV1 } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { TokenSigner, TokenVerifier } from '@sallyport/tokens';
import { recordRefusedToken } from '../access/record-refused-token.js';
import type { Clock } from '../clock/clock.js';
import type { Hosts } from '../host/hosts.js';
import type { Transaction } from '../transaction/transaction.js';
import { hostKeyFromBlob } from './host-key.js';
import type { HostKeys } from './host-keys.js';
import type { ProposeHostKey } from './propose-host-key.js';
import type { ReportHostKey } from './report-host-key.js';

type Outcome = 'pinned' | 'changed' | 'proposed' | 'not-loaded' | 'gone';

/**
 * Trust on first use: the first key that any session shows for a host without keys is pinned. The grants of sessions that
 * run at the same time name no key either, so the same key again is attested as well, and another one is refused.
 * A host in another mode pins nothing by itself: the logon ends, and the user learns what to ask for.
 */
export class PinHostKey {
  constructor(
    private readonly transaction: Transaction,
    private readonly verifier: TokenVerifier,
    private readonly signer: TokenSigner,
    private readonly hosts: Hosts,
    private readonly hostKeys: HostKeys,
    private readonly reportHostKey: ReportHostKey,
    private readonly proposeHostKey: ProposeHostKey,
    private readonly clock: Clock,
    private readonly audit: AuditPublisher,
  ) {}

  /**
   * @param hostKey the key blob, RFC 4253 section 6.6
   * @throws DomainError `grant.invalid`, `grant.expired`, `request.invalid`, `audit.unavailable`
   * @throws DomainError `host-key.changed` the host is known by other keys; that is recorded
   * @throws DomainError `host-key.unknown` the host is known by no key, and this one is not believed; that is recorded
   */
  async run(grantToken: string, hostKey: Buffer): Promise<ReplyOf<typeof PinHostKeyV1>> {
    const about = { contract: PinHostKeyV1 };
    const grant = await recordRefusedToken(this.audit, about, this.verifier.grant(grantToken));
    const { fingerprint, type } = hostKeyFromBlob(hostKey);
    const unknown = `the key of this host is not known yet; it shows ${type} ${fingerprint}`;
    switch (await this.#pin(grant, hostKey)) {
      case 'gone':
        throw new DomainError('grant.invalid', 'the host of the grant is gone');
      case 'changed':
        await this.reportHostKey.record(grant, hostKey);
        throw new DomainError('host-key.changed', 'the host is known by another key');
      case 'proposed':
        throw new DomainError(
          'host-key.unknown',
          `${unknown}. Ask a bastion administrator to compare and approve it, then log on again`,
        );
      case 'not-loaded':
        await this.reportHostKey.record(grant, hostKey);
        throw new DomainError(
          'host-key.unknown',
          `${unknown}. Ask a bastion administrator to put the host's keys, then log on again`,
        );
      case 'pinned': {
        const { grantId, host } = grant;
        const attestation = await this.signer.attestation({ grantId, hostId: host.hostId, fingerprint });
        return { attestation, fingerprint };
      }
    }
  }

  async #pin(grant: GrantClaims, blob: Buffer): Promise<Outcome> {
    const { host, grantId, sessionId, userId } = grant;
    const { hostId } = host;
    const key = hostKeyFromBlob(blob);
    return this.transaction.run(async () => {
      const stored = await this.hosts.byId(hostId, true);
      if (!stored) return 'gone';
      const known = await this.hostKeys.of(hostId);
      if (known.some(({ fingerprint }) => fingerprint === key.fingerprint)) return 'pinned';
      // A grant that names keys was issued to verify one of those, even if they were taken away since.
      if (known.length > 0 || host.hostKeys.length > 0) return 'changed';
      if (stored.hostKeyMode === 'pre-loaded') return 'not-loaded';
      if (stored.hostKeyMode === 'approve') {
        await this.proposeHostKey.run(grant, blob);
        return 'proposed';
      }
      await this.hostKeys.add(hostId, { ...key, source: 'first-use', pinnedAt: this.clock.now().toISOString() });
      const { type: keyType, fingerprint } = key;
      const event = { hostId, hostName: stored.name, keyType, fingerprint, sessionId, grantId, userId };
      await this.audit.publish(HostKeyPinned, event);
      return 'pinned';
    });
  }
}
