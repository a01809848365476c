import {
  AccountId,
  HostId,
  ImportHostsV1,
  ImportSecretsV1,
  GetHostV1,
  ListAccountsV1,
  ListImportableSecretsV1,
} from '@sallyport/contracts';
import type { ServerProcess } from '@sallyport/testing';
import { freePort, waitFor } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BrokerStub } from '../broker.suite.js';
import type { CloudStub } from '../cloud.suite.js';
import { describedInstance } from '../cloud.suite.js';
import { actor, signIn } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';

/** What asset notices by itself, with two replicas that look at the same time. To be run last: hosts of other tests vanish. */
export function watchSuite(running: () => RunningAsset, cloud: CloudStub, broker: BrokerStub): void {
  describe('the watch of the cloud', () => {
    const regionId = 'cn-hangzhou';
    const [instanceId, secretName] = ['i-watched', 'acs/ecs/watched'];
    let asset: RunningAsset;
    let admin: string;
    let hostId: HostId;
    let accountId: AccountId;
    const replicas: ServerProcess[] = [];
    let metricsOf: string;

    beforeAll(async () => {
      asset = running();
      admin = await actor(asset, await signIn(asset));
      cloud.instances = [describedInstance(instanceId), describedInstance('i-other')];
      const { results } = await asset.api.request(ImportHostsV1, { actor: admin, regionId, instanceIds: [instanceId] });
      hostId = HostId.parse(results[0]?.hostId);
      broker.set(secretName, { instanceId });
      const imported = await asset.api.request(ImportSecretsV1, { actor: admin, hostId, secretNames: [secretName] });
      accountId = AccountId.parse(imported.results[0]?.accountId);
      const port = String(await freePort());
      metricsOf = `http://127.0.0.1:${port}/metrics`;
      replicas.push(await asset.startReplica({ ASSET_WATCH_SECONDS: '1', SALLYPORT_HEALTH_PORT: port }));
      replicas.push(await asset.startReplica({ ASSET_WATCH_SECONDS: '1' }));
    });
    afterAll(() => Promise.all(replicas.map((replica) => replica.stop())));

    const changes = async (name: string, id: string) =>
      (await asset.recorded(name)).filter((data) => data['accountId'] === id || data['hostId'] === id);
    /** Waits for a metric of one of the replicas; accounts and hosts of other tests count as well. */
    const metric = (name: string, fits: (value: number) => boolean) =>
      waitFor(
        async () => {
          const text = await (await fetch(metricsOf)).text();
          const [, value] = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, 'm').exec(text) ?? [];
          return value !== undefined && fits(Number(value));
        },
        { timeoutMs: 60_000, what: `the metric ${name}` },
      );
    const [some, none] = [(value: number) => value > 0, (value: number) => value === 0];
    /** The last change of an account's secret, or of a host. */
    const until = (name: string, id: string, after: string) =>
      waitFor(async () => (await changes(name, id)).at(-1)?.['after'] === after, {
        timeoutMs: 60_000,
        what: `${name}: ${after}`,
      });

    it('marks an account whose rotation failed, whose deletion is planned, whose secret is gone, and that is well again', async () => {
      const plannedDeleteAt = '2026-12-24T00:00:00.000Z';
      broker.set(secretName, { instanceId, automaticRotation: 'Invalid' });
      await until('account.secret-state-changed', accountId, 'rotation-failed');
      await metric('sallyport_accounts_rotation_failed', some);
      broker.set(secretName, { instanceId, plannedDeleteAt });
      await until('account.secret-state-changed', accountId, 'deletion-planned');
      await metric('sallyport_accounts_deletion_planned', some);
      await metric('sallyport_accounts_rotation_failed', none);
      broker.remove(secretName);
      await until('account.secret-state-changed', accountId, 'gone');
      await metric('sallyport_accounts_gone', some);
      await metric('sallyport_accounts_deletion_planned', none);
      broker.set(secretName, { instanceId });
      await until('account.secret-state-changed', accountId, 'ok');
      const recorded = await changes('account.secret-state-changed', accountId);
      expect(recorded).toEqual([
        { accountId, hostId, secretName, before: 'ok', after: 'rotation-failed' },
        { accountId, hostId, secretName, before: 'rotation-failed', after: 'deletion-planned', plannedDeleteAt },
        { accountId, hostId, secretName, before: 'deletion-planned', after: 'gone' },
        { accountId, hostId, secretName, before: 'gone', after: 'ok' },
      ]);
    });

    it('leaves the mark when KMS cannot be asked, and shows it in the list of accounts', async () => {
      const list = async () => (await asset.api.request(ListAccountsV1, { actor: admin, hostId })).items;
      broker.set(secretName, { instanceId, automaticRotation: 'Invalid', lastRotationAt: '2026-11-01T00:00:00.000Z' });
      await until('account.secret-state-changed', accountId, 'rotation-failed');
      const now = { lastRotationAt: '2026-11-01T00:00:00.000Z', currentVersionId: 'v1' };
      expect(await list()).toMatchObject([{ secret: { state: 'rotation-failed', ...now } }]);
      broker.set(secretName, 'kms.unreachable');
      expect(await list()).toMatchObject([{ secret: { state: 'rotation-failed' } }]);
      const nextRotationAt = '2026-12-24T00:00:00.000Z';
      broker.set(secretName, { instanceId, nextRotationAt });
      expect(await list()).toMatchObject([{ secret: { state: 'ok', nextRotationAt } }]);
      broker.set('acs/ecs/not-yet', { instanceId, nextRotationAt });
      const importable = () => asset.api.request(ListImportableSecretsV1, { actor: admin, hostId });
      const secret = { state: 'ok', currentVersionId: 'v1', nextRotationAt };
      expect((await importable()).items).toMatchObject([{ secretName: 'acs/ecs/not-yet', secret }]);
    });

    it('says how far the first look at the secrets got, until it has ended', async () => {
      const importable = () => asset.api.request(ListImportableSecretsV1, { actor: admin, hostId });
      broker.scan = { known: 1, total: 1_000 };
      expect((await importable()).scan).toEqual(broker.scan);
      broker.scan = undefined;
      expect(await importable()).not.toHaveProperty('scan');
    });

    it('marks a host whose instance vanished, and takes it back; without permission to look it does neither', async () => {
      const status = async () => (await asset.api.request(GetHostV1, { actor: admin, hostId })).status;
      const requests = cloud.requests.length;
      cloud.permits = false;
      await waitFor(() => cloud.requests.length > requests + 12, { timeoutMs: 60_000, what: 'two looks' });
      expect(await status()).toBe('active');
      cloud.permits = true;
      cloud.instances = [describedInstance('i-other')];
      await until('host.status-changed', hostId, 'missing');
      // On record before it is committed.
      await waitFor(async () => (await status()) === 'missing', { what: 'the host to be marked' });
      await metric('sallyport_hosts_missing', some);
      cloud.instances = [describedInstance(instanceId)];
      await until('host.status-changed', hostId, 'active');
      expect(await changes('host.status-changed', hostId)).toEqual([
        { hostId, instanceId, before: 'active', after: 'missing' },
        { hostId, instanceId, before: 'missing', after: 'active' },
      ]);
    });

    it('marks it also when it was the last of its region', async () => {
      cloud.instances = [];
      await until('host.status-changed', hostId, 'missing');
      cloud.instances = [describedInstance(instanceId)];
      await until('host.status-changed', hostId, 'active');
    });

    it('looks at the other regions where one refuses, whichever comes first', async () => {
      const brokenRegion = 'cn-broken';
      const instances = ['i-broken-1', 'i-broken-2'].map((id) => describedInstance(id, { RegionId: brokenRegion }));
      // By name before the others.
      cloud.instances = [
        ...instances.map((one, n) => ({ ...one, InstanceName: `a-${n}` })),
        describedInstance(instanceId),
      ];
      const { results } = await asset.api.request(ImportHostsV1, {
        ...{ actor: admin, regionId: brokenRegion },
        instanceIds: ['i-broken-1', 'i-broken-2'],
      });
      const broken = HostId.parse(results[0]?.hostId);
      const names = Array.from({ length: 8 }, (_, n) => `acs/ecs/broken-${n}`);
      const secret = { instanceId: 'i-broken-1', regionId: brokenRegion };
      names.forEach((name, n) => {
        broker.set(name, { ...secret, userName: `user-${n}` });
      });
      await asset.api.request(ImportSecretsV1, { actor: admin, hostId: broken, secretNames: names });
      cloud.brokenRegion = brokenRegion;
      broker.brokenRegion = brokenRegion;
      broker.set(secretName, { instanceId, automaticRotation: 'Invalid' });
      await until('account.secret-state-changed', accountId, 'rotation-failed');
      cloud.instances = instances;
      await until('host.status-changed', hostId, 'missing');
      expect(await changes('host.status-changed', broken)).toEqual([]);
      [cloud.brokenRegion, broker.brokenRegion] = [undefined, undefined];
    });
  });
}
