import { randomUUID } from 'node:crypto';
import { Secret } from '@sallyport/secret';
import { beforeAll, describe, expect, it } from 'vitest';
import { StaticKey } from '../kms/credentials.alicloud.js';
import { KmsError } from '../kms/kms-error.js';
import type { KmsAction } from '../kms/kms-gateway.js';
import { AlicloudGateway } from '../kms/kms.alicloud.js';
import { startEmulator, type TestEmulator } from '../kms/start-emulator.suite.js';
import { policyFor } from './secret-policy.js';

const otherAccount = '2000000000000002';
const SecretName = `acs/ecs/${randomUUID()}`;

/** The people of the policy, and what RAM policies of their own they have: the use of keys, as a policy of a secret gives none. */
const people = {
  administrator: { rights: [] },
  user: { rights: ['kms:Decrypt'] },
  'cross-account user': {
    accountId: otherAccount,
    rights: ['kms:Decrypt', 'kms:GetSecretValue', 'kms:DescribeSecret'],
  },
  'cross-account user without RAM policies': { accountId: otherAccount, rights: [] },
  'user who is not named': { rights: ['kms:Decrypt'] },
  'user of another account who is not named': { accountId: otherAccount, rights: ['kms:*'] },
} as const;
type Person = keyof typeof people;

/** Who may what, by a policy of the builder. Deleting comes last. */
const permitted: Partial<Record<KmsAction, readonly Person[]>> = {
  DescribeSecret: ['administrator', 'user', 'cross-account user'],
  ListSecretVersionIds: ['administrator', 'user'],
  GetSecretValue: ['user', 'cross-account user'],
  UpdateSecret: ['administrator'],
  UpdateSecretRotationPolicy: ['administrator'],
  TagResource: ['administrator'],
  UntagResource: ['administrator'],
  SetSecretPolicy: [],
  GetSecretPolicy: [],
  RotateSecret: ['administrator'],
  DeleteSecret: ['administrator'],
  RestoreSecret: ['administrator'],
};

describe('a policy of the builder lets in, on the emulator', () => {
  let emulator: TestEmulator;
  let arn: string;
  const gateways = new Map<Person | 'owner', AlicloudGateway>();

  const call = async (who: Person | 'owner', action: KmsAction, parameters: Record<string, string>) => {
    const call = { regionId: emulator.regionId, action, parameters, timeoutMs: 30_000 };
    try {
      await gateways.get(who)?.call(call);
      return 'OK';
    } catch (error) {
      if (error instanceof KmsError) return error.kmsCode;
      throw error;
    }
  };

  beforeAll(async () => {
    emulator = await startEmulator();
    const { endpoint, regionId, instanceId } = emulator;
    const { accountId } = (await emulator.admin('GET', 'state')) as { accountId: string };
    arn = `acs:kms:${regionId}:${accountId}:secret/${SecretName}`;
    const enter = (who: Person | 'owner', key: { accessKeyId: string; accessKeySecret: string }) => {
      const accessKey = new StaticKey(key.accessKeyId, Secret.of(key.accessKeySecret));
      gateways.set(who, new AlicloudGateway({ endpoint, parametersIn: 'body', accessKey }));
    };
    enter('owner', emulator);
    for (const [who, { rights, ...more }] of Object.entries(people)) {
      const name = who.replaceAll(' ', '-');
      const policies = rights.length > 0 ? [`of-${name}`] : [];
      const Statement = [{ Effect: 'Allow', Action: rights, Resource: '*' }];
      if (rights.length > 0) await emulator.admin('PUT', `ram/policies/of-${name}`, { Version: '1', Statement });
      const made = await emulator.admin('PUT', `ram/users/${name}`, { policies, ...more });
      enter(who as Person, made as { accessKeyId: string; accessKeySecret: string });
    }
    const Policy = policyFor(
      {
        administrators: ['user/administrator'],
        users: ['user/user'],
        crossAccountUsers: ['cross-account-user', 'cross-account-user-without-RAM-policies'].map(
          (name) => `acs:ram::${otherAccount}:user/${name}`,
        ),
      },
      accountId,
    );
    const ExtendedConfig = JSON.stringify({ SecretSubType: 'Password', RegionId: regionId, InstanceId: instanceId });
    const SecretData = JSON.stringify({ UserName: 'root', Password: randomUUID() });
    const secret = { SecretName, VersionId: 'v1', SecretType: 'ECS', SecretData, ExtendedConfig, Policy };
    expect(await call('owner', 'CreateSecret', secret)).toBe('OK');
  });

  it.each(
    Object.entries(permitted).flatMap(([action, who]) =>
      (Object.keys(people) as Person[]).map((person) => [action as KmsAction, person, who.includes(person)] as const),
    ),
  )('%s, %s: %s', async (action, person, allowed) => {
    const more = { VersionId: 'v2', Tags: '[{"TagKey":"a","TagValue":"b"}]', TagKeys: '["a"]', Policy: '{}' };
    const rotation = { EnableAutomaticRotation: 'false', Description: 'x' };
    const outcome = await call(person, action, { SecretName: arn, ...more, ...rotation });
    expect(outcome).toBe(allowed ? 'OK' : 'Forbidden.NoPermission');
  });
});
