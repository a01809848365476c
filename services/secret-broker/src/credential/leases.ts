import type { GrantId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Lease, LogonEnd } from './lease.js';

/** A bound on memory; far above the logons that one process can have under way. */
const LIMIT = 10_000;

/** The leases of this replica, by grant. None lives longer than its time. */
export class Leases {
  readonly #held = new Map<GrantId, { lease: Lease; timer: NodeJS.Timeout }>();

  /**
   * @param lifetimeMs from `add` or the last `extend`, to when the lease is wiped
   * @param onEnd called once for each lease that ends
   */
  constructor(
    private readonly lifetimeMs: number,
    private readonly onEnd: (lease: Lease) => void,
  ) {}

  get size(): number {
    return this.#held.size;
  }

  /** @throws DomainError `service.unavailable` when there are too many */
  add(lease: Lease): void {
    if (this.#held.size >= LIMIT) {
      lease.over();
      throw new DomainError('service.unavailable', 'too many logons are under way, try again', { retryable: true });
    }
    const { grantId } = lease.grant;
    const timer = setTimeout(() => {
      this.end(grantId);
    }, this.lifetimeMs);
    this.#held.set(grantId, { lease, timer: timer.unref() });
  }

  find(grantId: GrantId): Lease | undefined {
    return this.#held.get(grantId)?.lease;
  }

  /** Starts the time anew, for a version that was just read. */
  extend(grantId: GrantId): void {
    this.#held.get(grantId)?.timer.refresh();
  }

  /** Wipes and forgets. May be called again, and for what was never there. @param end as session tells it, where it does */
  end(grantId: GrantId, end?: LogonEnd): void {
    const held = this.#held.get(grantId);
    if (!held) return;
    clearTimeout(held.timer);
    this.#held.delete(grantId);
    held.lease.over(end);
    this.onEnd(held.lease);
  }

  endAll(): void {
    for (const grantId of [...this.#held.keys()]) this.end(grantId);
  }
}
