import type { HostId, HostKey, UserId } from '@sallyport/contracts';
import { HostKeysReplaced } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Clock } from '../clock/clock.js';
import type { Hosts } from '../host/hosts.js';
import { requireHost } from '../host/require-host.js';
import type { Transaction } from '../transaction/transaction.js';
import { hostKeyFromLine } from './host-key.js';
import type { HostKeys } from './host-keys.js';

/** An administrator looks at the keys that a host is known by, and replaces them. */
export class ManageHostKeys {
  constructor(
    private readonly transaction: Transaction,
    private readonly hosts: Hosts,
    private readonly hostKeys: HostKeys,
    private readonly clock: Clock,
    private readonly audit: AuditPublisher,
  ) {}

  /** @throws DomainError `host.not-found` */
  async list(hostId: HostId): Promise<HostKey[]> {
    await requireHost(this.hosts, hostId);
    return this.hostKeys.of(hostId);
  }

  /**
   * Keys that stay keep their source and date.
   * @param lines OpenSSH one-line form; none lets the next logon pin anew
   * @throws DomainError `host.not-found`, `request.invalid`, `audit.unavailable`
   */
  async replace(actorId: UserId, hostId: HostId, lines: readonly string[]): Promise<HostKey[]> {
    const keys = lines.map(hostKeyFromLine);
    if (new Set(keys.map((key) => key.fingerprint)).size < keys.length)
      throw new DomainError('request.invalid', 'the same host key is given twice');
    return this.transaction.run(async () => {
      await requireHost(this.hosts, hostId, 'forUpdate');
      const before = await this.hostKeys.of(hostId);
      await this.hostKeys.removeOf(hostId);
      const pinnedAt = this.clock.now().toISOString();
      for (const key of keys) {
        const known = before.find(({ fingerprint }) => fingerprint === key.fingerprint);
        await this.hostKeys.add(hostId, known ?? { ...key, source: 'administrator', pinnedAt });
      }
      const after = await this.hostKeys.of(hostId);
      const fingerprints = (list: HostKey[]): string[] => list.map((key) => key.fingerprint);
      const change = { before: fingerprints(before), after: fingerprints(after) };
      await this.audit.publish(HostKeysReplaced, { actorId, hostId, ...change });
      return after;
    });
  }
}
