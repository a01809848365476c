import type { GrantId } from '@sallyport/contracts';
import type { Lease } from './lease.js';
import { notPrepared } from './lease.js';
import type { Leases } from './leases.js';
import type { LeaseRequest } from './permitted-requests.js';
import type { RefusalRecord } from './refusal-record.js';

/** What every request to a held credential goes through. */
export class LeaseRequests {
  constructor(
    private readonly leases: Leases,
    private readonly refusals: RefusalRecord,
  ) {}

  /**
   * Runs `work` when it is this request's turn and the table permits it. Any failure is recorded and ends the lease: who is
   * refused once gets no second chance with the same grant.
   * @throws DomainError `credential.not-prepared`, `credential.exhausted`, and what `work` throws
   */
  async run<T>(request: LeaseRequest, grantId: GrantId, work: (lease: Lease) => Promise<T>): Promise<T> {
    const lease = this.leases.find(grantId);
    try {
      if (!lease) throw notPrepared();
      return await lease.takeTurn(() => {
        lease.admit(request);
        return work(lease);
      });
    } catch (error) {
      this.leases.end(grantId);
      await this.refusals.add(request, lease?.grant ?? { grantId }, error);
      throw error;
    }
  }
}
