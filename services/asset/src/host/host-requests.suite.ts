import { randomUUID } from 'node:crypto';
import {
  DeleteHostV1,
  GetHostV1,
  HostId,
  ImportHostsV1,
  ListHostsV1,
  ListInstancesV1,
  UpdateHostV1,
} from '@sallyport/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CloudStub } from '../cloud.suite.js';
import { describedInstance } from '../cloud.suite.js';
import { actor, signIn } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';

export function hostRequests(running: () => RunningAsset, cloud: CloudStub): void {
  describe('hosts and their instances', () => {
    const regionId = 'cn-hangzhou';
    let asset: RunningAsset;
    let admin: string;
    let count = 0;
    const newId = (): string => `i-host-${(count += 1)}`;
    const importHosts = async (...instanceIds: string[]) =>
      (await asset.api.request(ImportHostsV1, { actor: admin, regionId, instanceIds })).results;
    const importHost = async (instanceId: string): Promise<HostId> => {
      const [result] = await importHosts(instanceId);
      expect(result).toMatchObject({ instanceId, code: 'OK' });
      return HostId.parse(result?.hostId);
    };
    const get = (hostId: HostId) => asset.api.request(GetHostV1, { actor: admin, hostId });
    beforeEach(async () => {
      asset = running();
      admin = await actor(asset, await signIn(asset));
      cloud.instances = [];
    });

    describe('instances', () => {
      it('are listed as the cloud pages them', async () => {
        cloud.instances = Array.from({ length: 12 }, (_, i) => describedInstance(`i-list-${i}`));
        const first = await asset.api.request(ListInstancesV1, { actor: admin, regionId, limit: 10 });
        expect(first.items).toHaveLength(10);
        expect(first.items[0]).toEqual({
          instanceId: 'i-list-0',
          name: 'i-list-0',
          regionId,
          address: '10.0.0.1',
          port: 22,
          osType: 'linux',
          status: 'Running',
        });
        const cursor = first.nextCursor ?? '';
        const second = await asset.api.request(ListInstancesV1, { actor: admin, regionId, limit: 10, cursor });
        expect(second.items.map((item) => item.instanceId)).toEqual(['i-list-10', 'i-list-11']);
        expect(second.nextCursor).toBeUndefined();
      });

      it('cannot be listed when the cloud refuses, and the reason has no more than code and request', async () => {
        cloud.scripted.push({
          status: 403,
          body: { Code: 'Forbidden.RAM', Message: 'secret detail', RequestId: 'A-9' },
        });
        const list = asset.api.request(ListInstancesV1, { actor: admin, regionId, limit: 10 });
        await expect(list).rejects.toMatchObject({
          code: 'ecs.failed',
          message: 'ECS refused: Forbidden.RAM, request A-9',
        });
      });
    });

    describe('import of hosts', () => {
      it('makes a host of each instance, with a legal and unique name, and says which do not exist', async () => {
        const [a, b, c] = [newId(), newId(), newId()];
        cloud.instances = [
          describedInstance(a, { InstanceName: 'shop front@1' }),
          describedInstance(b, {
            InstanceName: 'SHOP-FRONT-1',
            Tags: { Tag: [{ TagKey: 'sallyport:ssh-port', TagValue: '2222' }] },
          }),
          describedInstance(c, { VpcAttributes: { PrivateIpAddress: { IpAddress: [] } } }),
        ];
        const results = await importHosts(a, 'i-unknown', b, c, a);
        expect(results.map(({ instanceId, code }) => [instanceId, code])).toEqual([
          [a, 'OK'],
          ['i-unknown', 'OBJECT_NOT_FOUND'],
          [b, 'OK'],
          [c, 'INVALID_ARGUMENT'],
        ]);
        expect(await get(HostId.parse(results[0]?.hostId))).toMatchObject({
          name: 'shop-front-1',
          instanceId: a,
          port: 22,
        });
        expect(await get(HostId.parse(results[2]?.hostId))).toMatchObject({ name: `SHOP-FRONT-1-${b}`, port: 2222 });
        expect((await asset.recorded('host.imported')).slice(-2)).toMatchObject([
          { host: { instanceId: a } },
          { host: { instanceId: b } },
        ]);
      });

      it('may be repeated: the same host, and a record only of what changed', async () => {
        const id = newId();
        cloud.instances = [describedInstance(id)];
        const hostId = await importHost(id);
        const before = await get(hostId);
        const updates = (await asset.recorded('host.updated')).length;
        expect(await importHost(id)).toBe(hostId);
        expect(await asset.recorded('host.updated')).toHaveLength(updates);

        const moved = { VpcAttributes: { PrivateIpAddress: { IpAddress: ['10.0.0.9'] } } };
        cloud.instances = [describedInstance(id, { InstanceName: 'renamed', ...moved })];
        expect(await importHost(id)).toBe(hostId);
        const after = await get(hostId);
        expect(after).toEqual({ ...before, name: 'renamed', address: '10.0.0.9' });
        expect((await asset.recorded('host.updated')).at(-1)).toMatchObject({ before, after });
      });

      it('keeps what an administrator set, until the cloud changes it', async () => {
        const id = newId();
        cloud.instances = [describedInstance(id)];
        const hostId = await importHost(id);
        const name = `mine-${id}`;
        await asset.api.request(UpdateHostV1, { actor: admin, hostId, name, address: '203.0.113.5', port: 2200 });
        await importHost(id);
        expect(await get(hostId)).toMatchObject({ name, address: '203.0.113.5', port: 2200 });
        const moved = { VpcAttributes: { PrivateIpAddress: { IpAddress: ['10.0.0.8'] } } };
        cloud.instances = [describedInstance(id, moved)];
        await importHost(id);
        expect(await get(hostId)).toMatchObject({ name, address: '10.0.0.8', port: 2200 });
      });

      it('removes nothing when the cloud names nothing, as to one who may not look', async () => {
        const id = newId();
        cloud.instances = [describedInstance(id)];
        const hostId = await importHost(id);
        const before = await get(hostId);
        cloud.instances = [];
        expect(await importHosts(id)).toEqual([{ instanceId: id, code: 'OBJECT_NOT_FOUND' }]);
        expect(await get(hostId)).toEqual(before);
      });

      it('of the same instance twice at once makes one host', async () => {
        const id = newId();
        cloud.instances = [describedInstance(id)];
        const ids = await Promise.all(Array.from({ length: 4 }, () => importHost(id)));
        expect(new Set(ids).size).toBe(1);
        const imported = (await asset.recorded('host.imported')).filter(
          ({ host }) => (host as { id: string }).id === ids[0],
        );
        expect(imported).toHaveLength(1);
      });

      it('tries again when the cloud is busy, and fails as a whole when it stays so', async () => {
        const busy = { status: 503, body: { Code: 'ServiceUnavailable', RequestId: 'A-1' } };
        const id = newId();
        cloud.instances = [describedInstance(id)];
        cloud.scripted.push(busy, busy);
        await importHost(id);
        cloud.scripted.push(busy, busy, busy);
        await expect(importHosts(id)).rejects.toMatchObject({ code: 'ecs.failed', retryable: true });
      });
    });

    describe('hosts', () => {
      it('are listed page by page, changed and removed, on record', async () => {
        const [a, b] = [newId(), newId()];
        cloud.instances = [describedInstance(a), describedInstance(b)];
        const [hostA, hostB] = [await importHost(a), await importHost(b)];
        const names: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await asset.api.request(ListHostsV1, { actor: admin, limit: 3, ...(cursor ? { cursor } : {}) });
          names.push(...page.items.map((host) => host.name));
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        expect(names).toEqual([...names].sort());
        expect(names).toEqual(expect.arrayContaining([a, b]));

        const before = await get(hostA);
        const after = await asset.api.request(UpdateHostV1, { actor: admin, hostId: hostA, port: 2022 });
        expect(after).toEqual({ ...before, port: 2022 });
        expect((await asset.recorded('host.updated')).at(-1)).toMatchObject({ before, after });
        const sameName = asset.api.request(UpdateHostV1, { actor: admin, hostId: hostA, name: b.toUpperCase() });
        await expect(sameName).rejects.toMatchObject({ code: 'host.exists' });
        const noAddress = asset.api.request(UpdateHostV1, { actor: admin, hostId: hostA, address: 'web 1' });
        await expect(noAddress).rejects.toMatchObject({ code: 'request.invalid' });

        await asset.api.request(DeleteHostV1, { actor: admin, hostId: hostB });
        expect((await asset.recorded('host.deleted')).at(-1)).toMatchObject({ host: { id: hostB } });
        for (const gone of [hostB, HostId.parse(randomUUID())]) {
          await expect(get(gone)).rejects.toMatchObject({ code: 'host.not-found' });
          for (const contract of [UpdateHostV1, DeleteHostV1] as const)
            await expect(asset.api.request(contract, { actor: admin, hostId: gone })).rejects.toMatchObject({
              code: 'host.not-found',
            });
        }
      });
    });
  });
}
