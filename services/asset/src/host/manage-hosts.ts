import type { Host, HostId, RequestOf, UpdateHostV1, UserId } from '@sallyport/contracts';
import { HostDeleted, HostUpdated } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Page, PageOptions } from '../paging/page.js';
import { page } from '../paging/page.js';
import type { Transaction } from '../transaction/transaction.js';
import { checkAddress, describeHost } from './host.js';
import type { Hosts } from './hosts.js';
import { requireHost } from './require-host.js';

export type HostChange = Pick<RequestOf<typeof UpdateHostV1>, 'name' | 'address' | 'port' | 'hostKeyMode'>;

/** An administrator looks at hosts, changes and removes them. */
export class ManageHosts {
  constructor(
    private readonly transaction: Transaction,
    private readonly hosts: Hosts,
    private readonly audit: AuditPublisher,
  ) {}

  /** In the order of their names. @throws DomainError `request.invalid` the cursor is not one of ours */
  async list(options: PageOptions): Promise<Page<Host>> {
    const found = await page(
      options,
      (name, limit) => this.hosts.after(name, limit),
      (host) => host.name,
    );
    return { ...found, items: found.items.map(describeHost) };
  }

  /** @throws DomainError `host.not-found` */
  async get(id: HostId): Promise<Host> {
    return describeHost(await requireHost(this.hosts, id));
  }

  /** Changes what is given. @throws DomainError `host.not-found`, `host.exists`, `request.invalid`, `audit.unavailable` */
  async update(actorId: UserId, id: HostId, { name, address, port, hostKeyMode }: HostChange): Promise<Host> {
    if (address !== undefined) checkAddress(address);
    return this.transaction.run(async () => {
      await this.hosts.lockNames();
      const host = await requireHost(this.hosts, id, 'forUpdate');
      const changed = {
        ...host,
        name: name ?? host.name,
        address: address ?? host.address,
        port: port ?? host.port,
        hostKeyMode: hostKeyMode ?? host.hostKeyMode,
      };
      if (await this.hosts.nameTaken(changed.name, id))
        throw new DomainError('host.exists', 'another host has this name');
      await this.hosts.save(changed);
      const [before, after] = [describeHost(host), describeHost(changed)];
      await this.audit.publish(HostUpdated, { actorId, before, after });
      return after;
    });
  }

  /** With accounts, keys and authorizations. @throws DomainError `host.not-found`, `audit.unavailable` */
  async delete(actorId: UserId, id: HostId): Promise<void> {
    await this.transaction.run(async () => {
      const host = await requireHost(this.hosts, id, 'forUpdate');
      await this.hosts.remove(id);
      await this.audit.publish(HostDeleted, { actorId, host: describeHost(host) });
    });
  }
}
