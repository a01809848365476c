import { HostStatusChanged } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { CloudInstances } from '../cloud/cloud-instances.js';
import type { Hosts, StoredHost } from '../host/hosts.js';
import type { Transaction } from '../transaction/transaction.js';
import type { RegionFailed } from './region-failed.js';

/** The most that the cloud tells in one answer. */
const AT_ONCE = 100;

export interface HostCounts {
  readonly active: number;
  readonly missing: number;
}

/**
 * Looks whether the cloud still has the instance of each host, marks the hosts, and puts every change on record. An identity without
 * permission is answered with an empty list and no error, so none is called missing before the cloud has said that we may look.
 */
export class WatchInstances {
  constructor(
    private readonly transaction: Transaction,
    private readonly hosts: Pick<Hosts, 'after' | 'byId' | 'save'>,
    private readonly cloud: Pick<CloudInstances, 'find' | 'maySee'>,
    private readonly audit: AuditPublisher,
  ) {}

  /** @param failed hears of each region that could not be looked at; its hosts stay as they were, and the others are looked at */
  async run(failed: RegionFailed): Promise<HostCounts> {
    const counts = { active: 0, missing: 0 };
    let after: string | undefined;
    for (;;) {
      const some = await this.hosts.after(after, AT_ONCE);
      for (const regionId of new Set(some.map((host) => host.regionId))) {
        const ofRegion = some.filter((host) => host.regionId === regionId);
        for (const status of await this.#tryToLook(regionId, ofRegion, failed)) counts[status] += 1;
      }
      after = some.at(-1)?.name;
      if (some.length < AT_ONCE) return counts;
    }
  }

  async #tryToLook(
    regionId: string,
    hosts: readonly StoredHost[],
    failed: RegionFailed,
  ): Promise<StoredHost['status'][]> {
    try {
      return await this.#look(regionId, hosts);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      failed(regionId, error);
      return hosts.map(({ status }) => status);
    }
  }

  /** @throws DomainError `ecs.*`, `audit.unavailable` */
  async #look(regionId: string, hosts: readonly StoredHost[]): Promise<StoredHost['status'][]> {
    const found = await this.cloud.find(
      regionId,
      hosts.map(({ instanceId }) => instanceId),
    );
    const named = new Set(found.map(({ instanceId }) => instanceId));
    if (named.size === 0 && !(await this.cloud.maySee(regionId))) return hosts.map(({ status }) => status);
    const statuses: StoredHost['status'][] = [];
    for (const host of hosts) statuses.push(await this.#mark(host, named.has(host.instanceId) ? 'active' : 'missing'));
    return statuses;
  }

  async #mark(host: StoredHost, status: StoredHost['status']): Promise<StoredHost['status']> {
    if (host.status === status) return status;
    await this.transaction.run(async () => {
      const current = await this.hosts.byId(host.id, true);
      if (!current || current.status === status) return;
      await this.hosts.save({ ...current, status });
      const { id: hostId, instanceId, status: before } = current;
      await this.audit.publish(HostStatusChanged, { hostId, instanceId, before, after: status });
    });
    return status;
  }
}
