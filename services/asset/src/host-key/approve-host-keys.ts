import type { HostId, HostKey, HostKeyCandidate, UserId } from '@sallyport/contracts';
import { HostKeysApproved } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Clock } from '../clock/clock.js';
import type { Hosts } from '../host/hosts.js';
import { requireHost } from '../host/require-host.js';
import type { Page, PageOptions } from '../paging/page.js';
import { page } from '../paging/page.js';
import type { Transaction } from '../transaction/transaction.js';
import { candidateKey } from './host-key-candidates.js';
import type { HostKeyCandidates } from './host-key-candidates.js';
import type { HostKeys } from './host-keys.js';

/** An administrator looks at keys that hosts showed, and approves them. */
export class ApproveHostKeys {
  constructor(
    private readonly transaction: Transaction,
    private readonly hosts: Hosts,
    private readonly hostKeys: HostKeys,
    private readonly candidates: HostKeyCandidates,
    private readonly clock: Clock,
    private readonly audit: AuditPublisher,
  ) {}

  /** @throws DomainError `request.invalid` the cursor is not one of ours */
  list(options: PageOptions, hostId?: HostId): Promise<Page<HostKeyCandidate>> {
    return page(options, (key, limit) => this.candidates.after(key, limit, hostId), candidateKey);
  }

  /**
   * Candidates that were not named stay candidates. A key that is pinned already is no error: it may be approved twice.
   * @returns all pinned keys of the host
   * @throws DomainError `host.not-found`, `host-key.not-found`, `audit.unavailable`
   */
  async approve(actorId: UserId, hostId: HostId, fingerprints: readonly string[]): Promise<HostKey[]> {
    return this.transaction.run(async () => {
      await requireHost(this.hosts, hostId, 'forUpdate');
      const before = await this.hostKeys.of(hostId);
      const candidates = await this.candidates.of(hostId);
      const pinnedAt = this.clock.now().toISOString();
      for (const wanted of new Set(fingerprints)) {
        if (before.some(({ fingerprint }) => fingerprint === wanted)) continue;
        const found = candidates.find(({ fingerprint }) => fingerprint === wanted);
        if (!found) throw new DomainError('host-key.not-found', `the host has not shown the key ${wanted}`);
        const { type, fingerprint, publicKey } = found;
        await this.hostKeys.add(hostId, { type, fingerprint, publicKey, source: 'administrator', pinnedAt });
      }
      await this.candidates.remove(hostId, fingerprints);
      const after = await this.hostKeys.of(hostId);
      const names = (keys: readonly HostKey[]): string[] => keys.map(({ fingerprint }) => fingerprint);
      await this.audit.publish(HostKeysApproved, { actorId, hostId, before: names(before), after: names(after) });
      return after;
    });
  }
}
