import type { HostId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { StoredHost } from './hosts.js';
import { Hosts } from './hosts.js';

export class FakeHosts extends Hosts {
  readonly #hosts = new Map<HostId, StoredHost>();

  lockNames(): Promise<void> {
    return Promise.resolve();
  }

  async add(host: StoredHost): Promise<void> {
    if (await this.byInstance(host.regionId, host.instanceId)) throw taken();
    await this.save(host);
  }

  async save(host: StoredHost): Promise<void> {
    if (await this.nameTaken(host.name, host.id)) throw taken();
    this.#hosts.set(host.id, structuredClone(host));
  }

  byId(id: HostId): Promise<StoredHost | undefined> {
    return Promise.resolve(this.#hosts.get(id));
  }

  byInstance(regionId: string, instanceId: string): Promise<StoredHost | undefined> {
    return Promise.resolve(
      [...this.#hosts.values()].find((host) => host.regionId === regionId && host.instanceId === instanceId),
    );
  }

  async called(text: string, limit: number): Promise<StoredHost[]> {
    const all = await this.after(undefined, this.#hosts.size);
    return all
      .filter((host) => sameName(host.name, text) || host.instanceId === text || host.address === text)
      .slice(0, limit);
  }

  nameTaken(name: string, except?: HostId): Promise<boolean> {
    return Promise.resolve([...this.#hosts.values()].some((host) => host.id !== except && sameName(host.name, name)));
  }

  after(name: string | undefined, limit: number): Promise<StoredHost[]> {
    const sorted = [...this.#hosts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return Promise.resolve(sorted.filter((host) => name === undefined || host.name > name).slice(0, limit));
  }

  remove(id: HostId): Promise<void> {
    this.#hosts.delete(id);
    return Promise.resolve();
  }
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const taken = (): DomainError => new DomainError('host.exists', 'a host has this name already');
