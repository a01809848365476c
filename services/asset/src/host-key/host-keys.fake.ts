import type { HostId, HostKey } from '@sallyport/contracts';
import { HostKeys } from './host-keys.js';

export class FakeHostKeys extends HostKeys {
  readonly #keys = new Map<HostId, HostKey[]>();

  of(hostId: HostId): Promise<HostKey[]> {
    const order = (key: HostKey): string => `${key.type}\0${key.fingerprint}`;
    return Promise.resolve([...(this.#keys.get(hostId) ?? [])].sort((a, b) => (order(a) < order(b) ? -1 : 1)));
  }

  add(hostId: HostId, key: HostKey): Promise<void> {
    this.#keys.set(hostId, [...(this.#keys.get(hostId) ?? []), key]);
    return Promise.resolve();
  }

  removeOf(hostId: HostId): Promise<void> {
    this.#keys.delete(hostId);
    return Promise.resolve();
  }
}
