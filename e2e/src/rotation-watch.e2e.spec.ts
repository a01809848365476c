import { randomBytes } from 'node:crypto';
import {
  CreateSecretRoute,
  DeleteSecretRoute,
  GetHostRoute,
  ListAccountsRoute,
  ListImportableSecretsRoute,
  ListSecretVersionsRoute,
  RestoreSecretRoute,
  RotateSecretRoute,
} from '@sallyport/contracts';
import { waitFor, type RestClient } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventsOf } from './support/audit.js';
import { metricsOf, startSecondBroker } from './support/processes.js';
import { importAccount, importHost, registerHost, regionId, rotate } from './support/real-host.js';
import { emulator, signInAs } from './support/sallyport.js';

/** `npm start` looks at the cloud every two seconds here, so each of these is soon seen. */
describe('what Sallyport notices of secrets and instances by itself', () => {
  const run = randomBytes(4).toString('hex');
  const host = { instanceId: `i-watch-${run}`, name: `watch-${run}` };
  const name = `acs/ecs/watch-${run}`;
  const params = { name };
  let admin: RestClient;
  let auditor: RestClient;
  let hostId: string;
  let accountId: string;
  beforeAll(async () => {
    [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
    await registerHost(host);
    const value = { kind: 'password', userName: 'root', password: randomBytes(16).toString('hex') } as const;
    const { instanceId } = host;
    const body = { name, instanceId, regionId, ...value, rotation: { intervalSeconds: 86_400 } };
    await admin.call(CreateSecretRoute, { body });
    hostId = await importHost(admin, host);
  });
  afterAll(async () => {
    await emulator('PUT', 'rotation', { fail: null });
    await emulator('DELETE', `instances/${host.instanceId}`);
  });

  const currentVersion = async (): Promise<string> => {
    const { items } = await admin.call(ListSecretVersionsRoute, { params });
    return items.find(({ stages }) => stages.includes('ACSCurrent'))?.versionId ?? '';
  };
  const importable = async () => {
    const { items } = await admin.call(ListImportableSecretsRoute, { params: { hostId }, query: {} });
    return items.find(({ secretName }) => secretName === name)?.secret;
  };
  const account = async () => {
    const { items } = await admin.call(ListAccountsRoute, { params: { hostId } });
    return items.find(({ id }) => id === accountId)?.secret;
  };
  /** On record and in the metrics; both come from the watch, not from who looks at a list. */
  const until = async (after: string, how: { before?: string; metric?: string } = {}): Promise<void> => {
    const wanted = { accountId, after, ...(how.before !== undefined && { before: how.before }) };
    const ours = (data: Record<string, unknown>) =>
      Object.entries(wanted).every(([field, value]) => data[field] === value);
    await eventsOf(auditor, 'account.secret-state-changed', ({ data }) => ours(data));
    if (how.metric !== undefined) await counted(how.metric);
  };
  const counted = (metric: string) =>
    waitFor(async () => new RegExp(`^${metric}(?:\\{[^}]*\\})? [1-9]`, 'm').test(await metricsOf('asset')), {
      what: `the metric ${metric}`,
    });

  it('shows state, version, last and next rotation before the import and after it', async () => {
    const before = await importable();
    expect(before).toEqual({
      state: 'ok',
      currentVersionId: await currentVersion(),
      nextRotationAt: expect.any(String) as string,
    });
    const versionId = await rotate(admin, name);
    const rotated = () => importable().then((secret) => secret?.currentVersionId === versionId && secret);
    const now = await waitFor(rotated, { what: 'the import list to show the rotation' });
    expect(now).toEqual({
      state: 'ok',
      currentVersionId: versionId,
      lastRotationAt: expect.any(String) as string,
      nextRotationAt: expect.any(String) as string,
    });
    expect(Date.parse(now.nextRotationAt ?? '') - Date.parse(now.lastRotationAt ?? '')).toBe(86_400_000);
    accountId = await importAccount(admin, hostId, name);
    expect(await importable()).toBeUndefined();
    expect(await account()).toEqual(now);
  });

  it('marks the account of a rotation that failed', async () => {
    const before = await account();
    await emulator('PUT', 'rotation', { fail: 'before' });
    await admin.call(RotateSecretRoute, { params, body: {} });
    await until('rotation-failed', { metric: 'sallyport_accounts_rotation_failed' });
    await emulator('PUT', 'rotation', { fail: null });
    // KMS plans no rotation after one that failed.
    const { currentVersionId, lastRotationAt } = before ?? {};
    expect(await account()).toEqual({ state: 'rotation-failed', currentVersionId, lastRotationAt });
    await rotate(admin, name);
    await until('ok', { before: 'rotation-failed' });
    expect(await account()).toMatchObject({ state: 'ok', nextRotationAt: expect.any(String) as string });
  });

  it('marks the account of a secret that is to be deleted, and of one that is gone', async () => {
    const query = { recoveryWindowDays: 7 };
    const { plannedDeleteAt } = await admin.call(DeleteSecretRoute, { params, query });
    await until('deletion-planned', { metric: 'sallyport_accounts_deletion_planned' });
    expect(await account()).toMatchObject({ state: 'deletion-planned', plannedDeleteAt });
    await admin.call(RestoreSecretRoute, { params });
    await until('ok', { before: 'deletion-planned' });
    await admin.call(DeleteSecretRoute, { params, query: { force: true } });
    await until('gone', { metric: 'sallyport_accounts_gone' });
    expect(await account()).toEqual({ state: 'gone' });
  });

  const statusOf = async () => (await admin.call(GetHostRoute, { params: { hostId } })).status;
  /** A change is on record before it is made. */
  const statusIs = (status: string) =>
    waitFor(async () => (await statusOf()) === status, { what: `the host to be ${status}` });

  it('marks a host whose instance vanished, until it is there again', async () => {
    await emulator('DELETE', `instances/${host.instanceId}`);
    const changed = (after: string) =>
      eventsOf(auditor, 'host.status-changed', ({ data }) => data['hostId'] === hostId && data['after'] === after);
    await changed('missing');
    await counted('sallyport_hosts_missing');
    await statusIs('missing');
    await registerHost(host);
    await changed('active');
    await statusIs('active');
  });

  // Which of the two a dry run is answered with is on no page.
  it.each(['empty', 'refused'])(
    'believes no host gone because ECS no longer permits to look: %s',
    async (ecsDryRunDenied) => {
      await emulator('PUT', 'rules', { ecsDryRunDenied });
      const looks = async () => {
        const { calls } = await emulator<{ calls: Record<string, number> }>('GET', 'calls');
        return calls['DescribeInstances'] ?? 0;
      };
      const policy = (action: string) =>
        emulator('PUT', 'ram/policies/sallyport-hosts', {
          Version: '1',
          Statement: [{ Effect: 'Allow', Action: [action], Resource: ['*'] }],
        });
      await policy('ecs:Nothing');
      onTestFinished(async () => {
        await policy('ecs:DescribeInstances');
        await emulator('PUT', 'rules', { ecsDryRunDenied: 'empty' });
      });
      const before = await looks();
      // Each look asks for the hosts, for any instance, and whether that is permitted.
      await waitFor(async () => (await looks()) >= before + 9, { what: 'two whole looks at ECS', timeoutMs: 90_000 });
      expect(await statusOf()).toBe('active');
    },
  );

  it('tells by REST how far a broker got that looks at the secrets for the first time', async () => {
    const others = Array.from({ length: 14 }, (_, number) => `acs/ecs/watch-${run}-${number}`);
    const value = { kind: 'password', userName: 'nobody', password: run } as const;
    for (const other of others)
      await admin.call(CreateSecretRoute, { body: { name: other, instanceId: host.instanceId, regionId, ...value } });
    onTestFinished(async () => {
      for (const other of others)
        await admin.call(DeleteSecretRoute, { params: { name: other }, query: { force: true } });
    });
    // So slow that it has not seen all of them when it has to answer. The other broker, which knows them, answers every other time.
    const slow = await startSecondBroker({ KMS_INDEX_PER_SECOND: '1' });
    onTestFinished(() => slow.stop().then(() => undefined));
    const { scan, items } = await waitFor(
      async () => {
        const answer = await admin.call(ListImportableSecretsRoute, { params: { hostId }, query: {} });
        return answer.scan && { scan: answer.scan, items: answer.items };
      },
      { what: 'an answer that says how far the look got', timeoutMs: 120_000 },
    );
    expect(scan.known).toBeGreaterThan(0);
    expect(scan.known).toBeLessThan(scan.total);
    expect(scan.total).toBeGreaterThan(others.length);
    expect(items.length).toBeLessThan(others.length);
  });
});
