import type {
  ErrorCode,
  HostId,
  HostKey,
  ReplaceManyHostKeysV1,
  ReplyOf,
  RequestOf,
  UserId,
} from '@sallyport/contracts';
import { HostKeysReplaced } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Clock } from '../clock/clock.js';
import type { Hosts } from '../host/hosts.js';
import { requireHost } from '../host/require-host.js';
import type { Transaction } from '../transaction/transaction.js';
import { hostKeyFromLine } from './host-key.js';
import type { HostKeyCandidates } from './host-key-candidates.js';
import type { HostKeys } from './host-keys.js';

type Replacement = RequestOf<typeof ReplaceManyHostKeysV1>['items'][number];
const codes: Partial<Record<ErrorCode, Result['code']>> = {
  'host.not-found': 'OBJECT_NOT_FOUND',
  'request.invalid': 'INVALID_ARGUMENT',
};
type Result = ReplyOf<typeof ReplaceManyHostKeysV1>['results'][number];

/** An administrator looks at the keys that a host is known by, and replaces them. */
export class ManageHostKeys {
  constructor(
    private readonly transaction: Transaction,
    private readonly hosts: Hosts,
    private readonly hostKeys: HostKeys,
    private readonly candidates: HostKeyCandidates,
    private readonly clock: Clock,
    private readonly audit: AuditPublisher,
  ) {}

  /** @throws DomainError `host.not-found` */
  async list(hostId: HostId): Promise<HostKey[]> {
    await requireHost(this.hosts, hostId);
    return this.hostKeys.of(hostId);
  }

  /**
   * Keys that stay keep their source and date. Candidates of the host are forgotten.
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
      await this.candidates.removeOf(hostId);
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

  /** One host after the other, each on record of its own; what fails for one leaves the others alone. */
  async replaceMany(actorId: UserId, replacements: readonly Replacement[]): Promise<Result[]> {
    const results: Result[] = [];
    for (const { hostId, publicKeys } of replacements) {
      try {
        results.push({ hostId, code: 'OK', items: await this.replace(actorId, hostId, publicKeys) });
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        results.push({ hostId, code: codes[error.code] ?? 'UNEXPECTED' });
      }
    }
    return results;
  }
}
