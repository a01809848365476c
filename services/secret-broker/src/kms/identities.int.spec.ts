import { randomUUID } from 'node:crypto';
import { Secret } from '@sallyport/secret';
import { logger } from '@sallyport/telemetry';
import { beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../clock.js';
import { StaticKey } from './credentials.alicloud.js';
import type { TestKey } from './documented-users.suite.js';
import { documentedPolicy, documentedUsers } from './documented-users.suite.js';
import { KmsAdministrationClient } from './kms-administration-client.js';
import { KmsCalls } from './kms-calls.js';
import { KmsClient } from './kms-client.js';
import { KmsError } from './kms-error.js';
import type { KmsAction } from './kms-gateway.js';
import { KmsPace } from './kms-pace.js';
import { AlicloudGateway } from './kms.alicloud.js';
import { kmsSuite } from './kms.suite.js';
import { TidyAdministration } from './tidy-administration.suite.js';
import type { TestEmulator } from './start-emulator.suite.js';
import { startEmulator } from './start-emulator.suite.js';

type Identity = 'reader' | 'administrator';

/** Who may call what, by the policies in deploy/ram. That no call is missing here is held by the compiler. */
const permitted: Readonly<Record<KmsAction, readonly Identity[]>> = {
  GetSecretValue: ['reader'],
  ListSecrets: ['reader'],
  DescribeSecret: ['reader', 'administrator'],
  ListSecretVersionIds: ['reader', 'administrator'],
  CreateSecret: ['administrator'],
  UpdateSecret: ['administrator'],
  TagResource: ['administrator'],
  UntagResource: ['administrator'],
  RotateSecret: ['administrator'],
  UpdateSecretRotationPolicy: ['administrator'],
  DeleteSecret: ['administrator'],
  RestoreSecret: ['administrator'],
  GetSecretPolicy: ['administrator'],
  SetSecretPolicy: ['administrator'],
  GetRandomPassword: ['administrator'],
  DescribeKey: ['administrator'],
  ListKeys: ['administrator'],
  ListKmsInstances: ['administrator'],
  DescribeRegions: ['administrator'],
};

let emulator: TestEmulator;
let keys: Record<Identity | 'owner', TestKey>;
const gateways = {} as Record<Identity | 'owner', AlicloudGateway>;

beforeAll(async () => {
  emulator = await startEmulator();
  keys = { ...(await documentedUsers(emulator)), owner: emulator };
  for (const who of ['reader', 'administrator', 'owner'] as const) {
    const accessKey = new StaticKey(keys[who].accessKeyId, Secret.of(keys[who].accessKeySecret));
    gateways[who] = new AlicloudGateway({ endpoint: emulator.endpoint, parametersIn: 'body', accessKey });
  }
});

const callsAs = (who: Identity): KmsCalls =>
  new KmsCalls(
    gateways[who],
    new KmsPace({ quotaPercent: 1_000, maxInFlight: 64 }),
    { tries: 3, tryMs: 10_000, totalMs: 30_000 },
    new SystemClock(),
    logger('test', 'silent'),
  );

/** The outcome of one call: `OK`, or KMS's code. */
const call = async (who: Identity | 'owner', action: KmsAction, parameters: Record<string, string> = {}) => {
  try {
    await gateways[who].call({ regionId: emulator.regionId, action, parameters, timeoutMs: 30_000 });
    return 'OK';
  } catch (error) {
    if (error instanceof KmsError) return error.kmsCode;
    throw error;
  }
};

kmsSuite('KMS in the names of two identities with the documented policies', () => {
  const { regionId, instanceId, userName } = emulator;
  const [kms, administration] = [
    new KmsClient(callsAs('reader')),
    new KmsAdministrationClient(callsAs('administrator')),
  ];
  return Promise.resolve({ kms, administration, regionId, instanceId, userName });
});

describe('the documented policies', () => {
  const SecretName = `acs/ecs/${randomUUID()}`;
  const SecretData = JSON.stringify({ UserName: 'root', Password: randomUUID() });
  const create = { VersionId: 'v1', SecretData };
  const ecs = {
    SecretType: 'ECS',
    ExtendedConfig: '{"SecretSubType":"Password","RegionId":"cn-hangzhou","InstanceId":"i-1"}',
  };
  beforeAll(async () => {
    expect(await call('owner', 'CreateSecret', { SecretName, ...create, ...ecs })).toBe('OK');
  });

  it.each(
    Object.entries(permitted).flatMap(([action, who]) =>
      (['reader', 'administrator'] as const).map((one) => [one, action, who.includes(one)] as const),
    ),
  )('for the %s, %s: %s', async (who, action, allowed) => {
    const parameters = action === 'DescribeKey' ? { KeyId: 'key-none' } : { SecretName, ...create, ...ecs };
    const outcome = await call(who, action as KmsAction, parameters);
    if (allowed) expect(outcome).not.toBe('Forbidden.NoPermission');
    else expect(outcome).toBe('Forbidden.NoPermission');
  });

  it.each([
    ['sallyport-reader', 'reader', ['kms:Decrypt']],
    ['sallyport-administrator', 'administrator', ['kms:GenerateDataKey']],
  ] as const)('allow no more than is called: %s', (name, who, ofKeys) => {
    const called = Object.entries(permitted).filter(([, identities]) => identities.includes(who));
    const allowed = documentedPolicy(name).filter(({ Effect }) => Effect === 'Allow');
    const wanted = [...called.map(([action]) => `kms:${action}`), ...ofKeys];
    expect(allowed.flatMap(({ Action }) => Action).sort()).toEqual(wanted.sort());
    // Whatever names a secret stays below acs/ecs/; the rest names keys, or nothing.
    const everywhere = allowed.filter(({ Resource }) => Resource.includes('*')).flatMap(({ Action }) => Action);
    const nothingNamed = ['kms:DescribeRegions', 'kms:GetRandomPassword', 'kms:ListKeys', 'kms:ListKmsInstances'];
    expect(everywhere.sort()).toEqual(who === 'administrator' ? nothingNamed : []);
    const resources = ['key/*', 'secret', 'secret/acs/ecs/*'].map((name) => `acs:kms:*:*:${name}`);
    if (who === 'administrator') resources.push('*', 'acs:kms:*:*:alias/*');
    expect([...new Set(allowed.flatMap(({ Resource }) => Resource))].sort()).toEqual(resources.sort());
  });

  it('allow asset to look at instances, and nothing else', () => {
    const hosts = { Effect: 'Allow', Action: ['ecs:DescribeInstances'], Resource: ['*'] };
    expect(documentedPolicy('sallyport-hosts')).toEqual([hosts]);
  });

  it('end at the names of ECS secrets', async () => {
    const plain = { SecretName: `plain/${randomUUID()}` };
    expect(await call('owner', 'CreateSecret', { ...plain, ...create })).toBe('OK');
    expect(await call('owner', 'GetSecretValue', plain)).toBe('OK');
    expect(await call('reader', 'GetSecretValue', plain)).toBe('Forbidden.NoPermission');
    for (const action of ['DescribeSecret', 'DeleteSecret', 'SetSecretPolicy', 'RotateSecret'] as const)
      expect(await call('administrator', action, plain), action).toBe('Forbidden.NoPermission');
  });

  it('let the administrator read no value, also when the policy of the secret permits it', async () => {
    const name = `acs/ecs/${randomUUID()}`;
    expect(await call('administrator', 'CreateSecret', { SecretName: name, ...create, ...ecs })).toBe('OK');
    const { accountId } = (await emulator.admin('GET', 'state')) as { accountId: string };
    const Policy = JSON.stringify({
      Version: '1',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { RAM: [`acs:ram::${accountId}:user/sallyport-administrator`] },
          Action: ['kms:*'],
          Resource: ['*'],
        },
      ],
    });
    expect(await call('administrator', 'SetSecretPolicy', { SecretName: name, Policy })).toBe('OK');
    expect(await call('administrator', 'GetSecretValue', { SecretName: name })).toBe('Forbidden.NoPermission');
    expect(await call('reader', 'GetSecretValue', { SecretName: name })).toBe('OK');
  });
});

it('what the tests against the real cloud make there, they remove, also from its deletion window', async () => {
  const administration = new TidyAdministration(callsAs('administrator'));
  const { regionId, instanceId } = emulator;
  const names = [1, 2, 3, 4].map((number) => `acs/ecs/tidy-${number}`);
  const data = Secret.of(JSON.stringify({ UserName: 'root', Password: randomUUID() }));
  const secret = { regionId, instanceId, kind: 'password', versionId: 'v1', data } as const;
  for (const name of names) await administration.create({ ...secret, name });
  const [first = '', second = ''] = names;
  await administration.delete({ regionId, name: first }, { force: false });
  await administration.delete({ regionId, name: second }, { force: true });
  await expect(administration.create({ ...secret, name: first })).rejects.toMatchObject({ code: 'secret.exists' });
  const left = async () => {
    const { items } = await new KmsClient(callsAs('reader')).list(regionId, { number: 1, size: 100 });
    return items.map(({ name }) => name).filter((name) => names.includes(name));
  };
  expect(await left()).toHaveLength(3);
  await administration.removeAll();
  expect(await left()).toEqual([]);
});
