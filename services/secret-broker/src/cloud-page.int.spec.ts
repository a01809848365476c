import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  CreateSecretV1,
  DeleteSecretV1,
  DescribeSecretV1,
  GetRotationV1,
  GetSecretPolicyV1,
  GetSecretV1,
  ListEcsSecretsV1,
  ListKmsInstancesV1,
  ListKmsKeysV1,
  ListKmsRegionsV1,
  ListSecretsV1,
  ListSecretVersionsV1,
  OpenCredentialV1,
  PrepareCredentialV1,
  ReleaseCredentialV1,
  RestoreSecretV1,
  RotateSecretV1,
  SetRotationPolicyV1,
  SetSecretPolicyV1,
  SetSecretTagsV1,
  ShowSecretStatesV1,
  UpdateSecretV1,
  UserId,
} from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import { Secret } from '@sallyport/secret';
import { fingerprint } from '@sallyport/ssh-keys';
import { waitFor } from '@sallyport/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { newGrant, newSecret, TestHost, TestSession } from './credential/conversation.suite.js';
import { StaticKey } from './kms/credentials.alicloud.js';
import { AlicloudGateway } from './kms/kms.alicloud.js';
import { startWorld } from './testing/broker-processes.suite.js';
import type { TestBrokerProcess } from './testing/broker-processes.suite.js';
import { startRecordingProxy } from './testing/recording-proxy.suite.js';

/** Calls of KMS by the identity that makes them, each list sorted. */
type Calls = Record<'reader' | 'administrator', string[]>;

/** The table of docs/alibaba-cloud.md that says which REST call needs what. */
const documented = new Map<string, Calls>();
const page = readFileSync(new URL('../../../docs/alibaba-cloud.md', import.meta.url), 'utf8');
const [, section = ''] = page.split('### Which REST call needs what');
for (const line of section.split('\n## ')[0]?.split('\n') ?? []) {
  const [, rest = '', reader = '', administrator = ''] = line.split('|');
  if (!/^ (a logon|`[A-Z]+ )/.test(rest)) continue;
  const actionsIn = (cell: string): string[] =>
    [...cell.matchAll(/`([A-Z][A-Za-z]+)`/g)].map(([, action = '']) => action).sort();
  documented.set(rest.trim().replaceAll('`', ''), {
    reader: actionsIn(reader),
    administrator: actionsIn(administrator),
  });
}

const host = new TestHost();

describe('what docs/alibaba-cloud.md says of calls to KMS', () => {
  let world: Awaited<ReturnType<typeof startWorld>>;
  let proxy: Awaited<ReturnType<typeof startRecordingProxy>>;
  let broker: TestBrokerProcess;
  let [api, asset, session] = [] as unknown as [Bus, Bus, Bus];
  let own: TestSession;
  let actor: string;
  let regionId: string;
  let instanceId: string;
  let owner: AlicloudGateway;

  const start = (changes: Record<string, string | undefined> = {}): Promise<TestBrokerProcess> =>
    world.startBroker({ KMS_ENDPOINT: proxy.endpoint, KMS_INDEX_REFRESH_MS: '3600000', ...changes });
  beforeAll(async () => {
    world = await startWorld();
    const { emulator } = world;
    ({ regionId, instanceId } = emulator);
    proxy = await startRecordingProxy(emulator.endpoint);
    broker = await start();
    [api, asset, session] = await Promise.all([world.bus('api'), world.bus('asset'), world.bus('session')]);
    own = await TestSession.start();
    const who = { userId: UserId.parse(randomUUID()), username: 'bob', clientAddress: '192.0.2.1' };
    actor = await world.signer.identity({ ...who, use: 'rest', roles: ['secret-admin'], method: 'token' }, 600);
    const accessKey = new StaticKey(emulator.accessKeyId, Secret.of(emulator.accessKeySecret));
    owner = new AlicloudGateway({ endpoint: emulator.endpoint, parametersIn: 'body', accessKey });
  });

  /** As somebody makes it in the cloud, past Sallyport: its index has to find it. */
  const newOne = async () => {
    const secret = newSecret('password', { regionId, instanceId });
    const parameters = {
      SecretName: secret.name,
      VersionId: 'v1',
      SecretData: secret.data.expose(),
      SecretType: 'ECS',
      ExtendedConfig: JSON.stringify({ SecretSubType: 'Password', RegionId: regionId, InstanceId: instanceId }),
    };
    await owner.call({ regionId, action: 'CreateSecret', parameters, timeoutMs: 30_000 });
    return { secret, name: secret.name, one: { actor, name: secret.name, regionId } };
  };
  type New = Awaited<ReturnType<typeof newOne>>;
  const logon = async ({ secret }: New): Promise<void> => {
    const grant = newGrant({ secret, hostKeys: [fingerprint(host.hostKey)], sealTo: own.sealTo });
    const { replica } = await session.request(PrepareCredentialV1, { grant: await world.signer.grant(grant) });
    const { grantId } = grant;
    await session.request(OpenCredentialV1, { grantId, ...host.shown(own.targetSessionId) }, { replica });
    await session.request(ReleaseCredentialV1, { grantId }, { replica });
  };
  const inWindow = ({ name }: New) =>
    owner.call({ regionId, action: 'DeleteSecret', parameters: { SecretName: name }, timeoutMs: 30_000 });
  const keyId = async (): Promise<string> =>
    ((await world.emulator.admin('GET', 'state')) as { encryptionKeyId: string }).encryptionKeyId;

  /** Each row of the table, as it is done. */
  const rows: Record<string, (made: New) => Promise<unknown>> = {
    'a logon': logon,
    'GET /kms/secrets': () => api.request(ListSecretsV1, { actor, regionId, limit: 10 }),
    'GET /hosts/{id}/importable-secrets': () => asset.request(ListEcsSecretsV1, { regionId, instanceId }),
    'GET /hosts/{id}/accounts': ({ name }) =>
      asset.request(ShowSecretStatesV1, { regionId, names: [name], versions: true }),
    'POST /hosts/{id}/import-secrets': ({ name }) => asset.request(DescribeSecretV1, { regionId, name }),
    'GET /kms/secrets/{name}': ({ one }) => api.request(GetSecretV1, one),
    'GET …/versions': ({ one }) => api.request(ListSecretVersionsV1, { ...one, deprecated: false }),
    'GET …/rotations/{versionId}': ({ one }) => api.request(GetRotationV1, { ...one, versionId: 'v1' }),
    'POST /kms/secrets': async ({ name, one }) => {
      const generate = { userName: 'root' };
      const encryptionKeyId = await keyId();
      const what = { instanceId, kind: 'password' as const, generate, encryptionKeyId };
      return api.request(CreateSecretV1, { ...one, ...what, name: `${name}-2` });
    },
    'PATCH /kms/secrets/{name}': ({ one }) => api.request(UpdateSecretV1, { ...one, description: 'changed' }),
    'PUT …/tags': async ({ one }) => {
      await api.request(SetSecretTagsV1, { ...one, tags: [{ key: 'a', value: '1' }] });
      await api.request(SetSecretTagsV1, { ...one, tags: [] });
    },
    'POST …/rotate': ({ one }) => api.request(RotateSecretV1, one),
    'PUT …/rotation-policy': ({ one }) =>
      api.request(SetRotationPolicyV1, { ...one, enabled: true, intervalSeconds: 604_800 }),
    'DELETE /kms/secrets/{name}': ({ one }) => api.request(DeleteSecretV1, { ...one, force: true }),
    'POST …/restore': async (made) => {
      await inWindow(made);
      return api.request(RestoreSecretV1, made.one);
    },
    'GET …/policy': ({ one }) => api.request(GetSecretPolicyV1, one),
    'PUT …/policy': ({ one }) =>
      api.request(SetSecretPolicyV1, {
        ...one,
        access: { administrators: ['user/ann'], users: [], crossAccountUsers: [] },
      }),
    'GET /kms/instances': () => api.request(ListKmsInstancesV1, { actor, regionId }),
    'GET /kms/keys': () => api.request(ListKmsKeysV1, { actor, regionId, limit: 10 }),
    'GET /kms/regions': () => api.request(ListKmsRegionsV1, { actor }),
  };

  const seenNow = (): Calls => {
    const by = ({ accessKeyId }: { accessKeyId: string }): string[] =>
      [...new Set(proxy.calls.filter((call) => call.accessKeyId === accessKeyId).map(({ action }) => action))].sort();
    return { reader: by(world.users.reader), administrator: by(world.users.administrator) };
  };

  it('has each request in its table', () => {
    expect([...documented.keys()].sort()).toEqual(Object.keys(rows).sort());
  });

  it.each(Object.keys(rows))('%s makes these calls in these names, and no others', async (row) => {
    const wanted = documented.get(row);
    proxy.calls.length = 0;
    // What the index listed less than a second ago it does not list again, so one try may not make all of the calls.
    await waitFor(
      async () => {
        await rows[row]?.(await newOne());
        const seen = seenNow();
        for (const who of ['reader', 'administrator'] as const)
          expect(wanted?.[who]).toEqual(expect.arrayContaining(seen[who]));
        return JSON.stringify(seen) === JSON.stringify(wanted);
      },
      { what: `the calls that the page names for ${row}`, timeoutMs: 60_000, everyMs: 300 },
    );
  });

  it('N logons are N reads, those at the same moment are one, and a refused grant is none', async () => {
    const made = await newOne();
    proxy.calls.length = 0;
    for (let n = 0; n < 5; n++) await logon(made);
    expect(proxy.calls).toEqual(
      Array(5).fill({ accessKeyId: world.users.reader.accessKeyId, action: 'GetSecretValue' }),
    );
    proxy.calls.length = 0;
    const fault = { kind: 'delay', operation: 'GetSecretValue', count: 1, delayMs: 2_000 };
    await world.emulator.admin('PUT', 'faults', fault);
    await Promise.all([1, 2, 3, 4, 5].map(() => logon(made)));
    expect(proxy.calls).toHaveLength(1);
    proxy.calls.length = 0;
    const grant = await world.signer.grant(newGrant({ secret: made.secret, sealTo: own.sealTo }));
    const forged = session.request(PrepareCredentialV1, { grant: `${grant.slice(0, -4)}AAAA` });
    await expect(forged).rejects.toMatchObject({ code: 'grant.invalid' });
    expect(proxy.calls).toEqual([]);
  });

  it('in read-only operation all that the reader does alone works, and all else is kms.denied', async () => {
    await broker.process.stop();
    broker = await start({ KMS_ADMIN_ACCESS_KEY_ID: undefined, KMS_ADMIN_ACCESS_KEY_SECRET: undefined });
    for (const [row, act] of Object.entries(rows)) {
      const outcome = await act(await newOne()).then(
        () => 'done',
        (error: unknown) => (error as { code?: string }).code,
      );
      expect([row, outcome]).toEqual([row, documented.get(row)?.administrator.length ? 'kms.denied' : 'done']);
    }
    expect(seenNow().administrator).toEqual([]);
  });
});
