import { randomUUID } from 'node:crypto';
import type { HostKeyMode, ImportHostsV1, ReplyOf, UserId } from '@sallyport/contracts';
import { HostId, HostImported, HostUpdated } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import type { CloudInstance } from '../cloud/cloud-instance.js';
import type { CloudInstances } from '../cloud/cloud-instances.js';
import type { Transaction } from '../transaction/transaction.js';
import { describeHost, legalName, sameHost, uniqueName } from './host.js';
import type { Hosts, StoredHost } from './hosts.js';

type Result = ReplyOf<typeof ImportHostsV1>['results'][number];

export class NewHostSettings {
  constructor(readonly hostKeyMode: HostKeyMode) {}
}

/** Makes hosts of ECS instances, and brings known ones up to date. What the cloud does not name stays as it is. */
export class ImportHosts {
  constructor(
    private readonly transaction: Transaction,
    private readonly hosts: Hosts,
    private readonly cloud: CloudInstances,
    private readonly settings: NewHostSettings,
    private readonly audit: AuditPublisher,
  ) {}

  /** A result for each id, in the order they were given. @throws DomainError `ecs.failed`, `audit.unavailable` */
  async run(actorId: UserId, regionId: string, instanceIds: readonly string[]): Promise<Result[]> {
    const ids = [...new Set(instanceIds)];
    const found = new Map((await this.cloud.find(regionId, ids)).map((instance) => [instance.instanceId, instance]));
    const results: Result[] = [];
    for (const instanceId of ids) {
      const instance = found.get(instanceId);
      if (!instance) results.push({ instanceId, code: 'OBJECT_NOT_FOUND' });
      else if (instance.address === '') results.push({ instanceId, code: 'INVALID_ARGUMENT' });
      else results.push({ instanceId, code: 'OK', hostId: await this.#import(actorId, instance) });
    }
    return results;
  }

  #import(actorId: UserId, instance: CloudInstance): Promise<HostId> {
    return this.transaction.run(async () => {
      await this.hosts.lockNames();
      const known = await this.hosts.byInstance(instance.regionId, instance.instanceId);
      return known ? this.#update(actorId, known, instance) : this.#add(actorId, instance);
    });
  }

  async #add(actorId: UserId, instance: CloudInstance): Promise<HostId> {
    const { instanceId, regionId, address, port, osType } = instance;
    const host: StoredHost = {
      id: HostId.parse(randomUUID()),
      name: await this.#nameFor(instance),
      instanceId,
      regionId,
      address,
      port,
      osType,
      status: 'active',
      source: 'ecs',
      hostKeyMode: this.settings.hostKeyMode,
      cloud: { name: instance.name, address, port },
    };
    await this.hosts.add(host);
    await this.audit.publish(HostImported, { actorId, host: describeHost(host) });
    return host.id;
  }

  async #update(actorId: UserId, host: StoredHost, instance: CloudInstance): Promise<HostId> {
    const { name, address, port, osType } = instance;
    const changed: StoredHost = {
      ...host,
      name: name === host.cloud.name ? host.name : await this.#nameFor(instance, host.id),
      address: address === host.cloud.address ? host.address : address,
      port: port === host.cloud.port ? host.port : port,
      osType,
      status: 'active',
      cloud: { name, address, port },
    };
    await this.hosts.save(changed);
    const [before, after] = [describeHost(host), describeHost(changed)];
    if (!sameHost(before, after)) await this.audit.publish(HostUpdated, { actorId, before, after });
    return host.id;
  }

  #nameFor({ name, instanceId }: CloudInstance, except?: HostId): Promise<string> {
    return uniqueName(legalName(name, instanceId), instanceId, (wish) => this.hosts.nameTaken(wish, except));
  }
}
