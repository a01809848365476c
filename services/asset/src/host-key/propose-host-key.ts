import type { GrantClaims } from '@sallyport/contracts';
import { HostKeyProposed } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Clock } from '../clock/clock.js';
import { hostKeyFromBlob } from './host-key.js';
import type { HostKeyCandidates } from './host-key-candidates.js';

/** Of one host. A host that shows a new key each time pushes out its own candidates, and nobody else's. */
const CANDIDATES_LIMIT = 8;

/** Makes a key that a host showed one that an administrator can approve. */
export class ProposeHostKey {
  constructor(
    private readonly candidates: HostKeyCandidates,
    private readonly clock: Clock,
    private readonly audit: AuditPublisher,
  ) {}

  /**
   * Inside of a transaction that holds the host's row. A key that is a candidate already changes nothing.
   * @throws DomainError `request.invalid`, `audit.unavailable`
   */
  async run({ host, sessionId, grantId, userId }: GrantClaims, blob: Buffer): Promise<void> {
    const { hostId, name: hostName } = host;
    const key = hostKeyFromBlob(blob);
    const before = await this.candidates.of(hostId);
    if (before.some(({ fingerprint }) => fingerprint === key.fingerprint)) return;
    const excess = before.slice(0, Math.max(0, before.length - CANDIDATES_LIMIT + 1));
    if (excess.length > 0) {
      const oldest = excess.map(({ fingerprint }) => fingerprint);
      await this.candidates.remove(hostId, oldest);
    }
    await this.candidates.add({ ...key, hostId, seenAt: this.clock.now().toISOString(), sessionId, userId });
    const { type: keyType, fingerprint } = key;
    await this.audit.publish(HostKeyProposed, { hostId, hostName, keyType, fingerprint, sessionId, grantId, userId });
  }
}
