import { randomUUID } from 'node:crypto';
import { HostId } from '@sallyport/contracts';
import { RecordingAuditPublisher } from '@sallyport/messaging/testing';
import { expect, it } from 'vitest';
import type { StoredHost } from '../host/hosts.js';
import { FakeTransaction } from '../transaction/transaction.fake.js';
import { WatchInstances } from './watch-instances.js';

const host = (number: number): StoredHost => {
  const name = `host-${String(number).padStart(4, '0')}`;
  const [address, port] = ['192.0.2.1', 22];
  return {
    ...{ id: HostId.parse(randomUUID()), name, instanceId: `i-${number}`, regionId: 'cn-hangzhou', address, port },
    ...{ osType: 'linux', status: 'active', source: 'ecs', hostKeyMode: 'approve', cloud: { name, address, port } },
  };
};
const instance = ({ name, instanceId, regionId, address, port, osType }: StoredHost) => ({
  ...{ name, instanceId, regionId, address, port, osType },
  status: 'Running',
});

it('looks at all hosts, however many there are, and asks the cloud for no more at once than it answers', async () => {
  const stored = new Map(Array.from({ length: 250 }, (_, number) => host(number)).map((one) => [one.id, one]));
  const hosts = {
    after: (name: string | undefined, limit: number) =>
      Promise.resolve([...stored.values()].filter((one) => name === undefined || one.name > name).slice(0, limit)),
    byId: (id: HostId) => Promise.resolve(stored.get(id)),
    save: (changed: StoredHost) => {
      stored.set(changed.id, changed);
      return Promise.resolve();
    },
  };
  const asked: number[] = [];
  const cloud = {
    find: (_: string, ids: readonly string[]) => {
      asked.push(ids.length);
      const isThere = ({ instanceId }: StoredHost) => ids.includes(instanceId) && Number(instanceId.slice(2)) % 5 > 0;
      return Promise.resolve([...stored.values()].filter(isThere).map(instance));
    },
    maySee: () => Promise.resolve(true),
  };
  const audit = new RecordingAuditPublisher();
  const watch = new WatchInstances(new FakeTransaction(), hosts, cloud, audit);
  const look = () =>
    watch.run((_, error) => {
      throw error;
    });
  for (let n = 0; n < 2; n++) expect(await look()).toEqual({ active: 200, missing: 50 });
  expect(asked).toEqual([100, 100, 50, 100, 100, 50]);
  expect(audit.named('host.status-changed')).toHaveLength(50);
});
