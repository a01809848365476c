import { waitFor } from '@sallyport/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { call, extendedConfig, passwordSecret } from './signed-request.suite.js';
import type { Keys, Reply } from './signed-request.suite.js';
import { captured, startEmulator } from './start-emulator.suite.js';
import type { TestEmulator } from './start-emulator.suite.js';

const accountOfEve = '2000000000000002';
const kmsInstanceOfEve = 'kst-eve';
const instanceOfEve = 'i-eve';
const SecretName = 'acs/ecs/web-01';
/** A command that takes every change. */
const assistant = { command: ['/bin/true'] };
const machine = { address: '127.0.0.1', port: 22, regionId: 'cn-hangzhou', assistant };

type Person = (action: string, parameters?: Record<string, string>, version?: string) => Promise<Reply>;

describe('Two accounts', () => {
  let started: TestEmulator;
  let keyOfEve: string;
  /** Administrators of the two accounts. */
  let alice: Person;
  let eve: Person;

  const personOf = async (name: string, accountId?: string, policies = ['AdministratorAccess']): Promise<Person> => {
    const keys = (await started.admin('PUT', `ram/users/${name}`, { accountId, policies })) as unknown as Keys;
    return (action, parameters = {}, version) => call(started.emulator.endpoint, action, parameters, version, keys);
  };
  const ofEve = (changes: Record<string, string> = {}): Record<string, string> =>
    passwordSecret({
      SecretData: JSON.stringify({ UserName: 'root', Password: 'of eve' }),
      ExtendedConfig: extendedConfig({ InstanceId: instanceOfEve }),
      EncryptionKeyId: keyOfEve,
      DKMSInstanceId: kmsInstanceOfEve,
      ...changes,
    });
  const read = async (person: Person, name = SecretName): Promise<unknown> =>
    (await person('GetSecretValue', { SecretName: name })).body['SecretData'];
  const describeSecret = async (person: Person): Promise<Record<string, unknown>> =>
    (await person('DescribeSecret', { SecretName })).body;
  const rotate = async (person: Person, name: string, VersionId: string): Promise<void> => {
    expect((await person('RotateSecret', { SecretName: name, VersionId })).status).toBe(200);
  };

  beforeEach(async () => {
    started = await startEmulator();
    const { admin } = started;
    await admin('PUT', `kms-instances/${kmsInstanceOfEve}`, { state: 'Available', accountId: accountOfEve });
    await admin('PUT', `instances/${instanceOfEve}`, { ...machine, name: 'eve-1', accountId: accountOfEve });
    await admin('PUT', `instances/${captured.instanceId}`, { ...machine, name: 'web-1' });
    alice = await personOf('alice');
    eve = await personOf('eve', accountOfEve);
    const made = await eve('CreateKey', { DKMSInstanceId: kmsInstanceOfEve });
    keyOfEve = (made.body['KeyMetadata'] as { KeyId: string }).KeyId;
  });

  it('have each their own secrets, keys, aliases, KMS instances and ECS instances, by names of their own', async () => {
    expect((await alice('CreateSecret', passwordSecret())).status).toBe(200);
    const created = await eve('CreateSecret', ofEve());
    expect(created.body['Arn']).toBe(`acs:kms:cn-hangzhou:${accountOfEve}:secret/${SecretName}`);
    expect(await read(alice)).toContain('first');
    expect(await read(eve)).toContain('of eve');
    for (const [person, keyId, kmsInstanceId, instanceId] of [
      [alice, captured.encryptionKeyId, captured.kmsInstanceId, captured.instanceId],
      [eve, keyOfEve, kmsInstanceOfEve, instanceOfEve],
    ] as const) {
      expect((await person('ListSecrets')).body).toMatchObject({ TotalCount: 1 });
      expect((await person('ListKeys')).body).toMatchObject({ Keys: { Key: [{ KeyId: keyId }] }, TotalCount: 1 });
      expect((await person('ListKmsInstances')).body).toMatchObject({
        KmsInstances: { KmsInstance: [{ KmsInstanceId: kmsInstanceId }] },
        TotalCount: 1,
      });
      expect((await person('CreateAlias', { AliasName: 'alias/web', KeyId: keyId })).status).toBe(200);
      expect((await person('DescribeKey', { KeyId: 'alias/web' })).body).toMatchObject({
        KeyMetadata: { KeyId: keyId },
      });
      const ecs = (await person('DescribeInstances', { RegionId: 'cn-hangzhou' }, '2014-05-26')).body;
      const { Instance } = ecs['Instances'] as { Instance: { InstanceId: string }[] };
      expect(Instance.map(({ InstanceId }) => InstanceId)).toContain(instanceId);
      const ofTheOther = instanceId === instanceOfEve ? captured.instanceId : instanceOfEve;
      expect(Instance.map(({ InstanceId }) => InstanceId)).not.toContain(ofTheOther);
    }
    // Nor by naming what is the other's to a product that knows no such name.
    const named = { RegionId: 'cn-hangzhou', SecretName: String(created.body['Arn']) };
    expect((await alice('DescribeInstances', named, '2014-05-26')).body).toEqual({
      ...(await alice('DescribeInstances', { RegionId: 'cn-hangzhou' }, '2014-05-26')).body,
      RequestId: expect.any(String) as string,
    });
    const { accounts } = await started.admin('GET', 'state');
    expect(accounts).toMatchObject([
      { secrets: [SecretName] },
      { accountId: accountOfEve, secrets: [SecretName], keys: [keyOfEve], instances: [instanceOfEve] },
    ]);
  });

  it('cannot protect a secret with a key, nor put it in a KMS instance, of the other', async () => {
    const keyArn = `acs:kms:cn-hangzhou:${accountOfEve}:key/${keyOfEve}`;
    for (const EncryptionKeyId of [keyOfEve, keyArn]) {
      const { body } = await alice('CreateSecret', passwordSecret({ EncryptionKeyId }));
      expect(body['Code']).toBe(EncryptionKeyId === keyArn ? 'Forbidden.NoPermission' : 'Forbidden.KeyNotFound');
    }
    const elsewhere = passwordSecret({ EncryptionKeyId: '', DKMSInstanceId: kmsInstanceOfEve });
    expect((await alice('CreateSecret', elsewhere)).body['Code']).toBe('Forbidden.ResourceNotFound');
    expect((await alice('DescribeKey', { KeyId: keyArn })).body['Code']).toBe('Forbidden.NoPermission');
  });

  it('let each other in by ARN and both policies, to what was granted and nothing else', async () => {
    const { body } = await eve('CreateSecret', ofEve());
    const arn = String(body['Arn']);
    expect((await alice('GetSecretValue', { SecretName: arn })).body['Code']).toBe('Forbidden.NoPermission');
    const accountId = String((await started.admin('GET', 'state'))['accountId']);
    const Policy = JSON.stringify({
      Version: '1',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { RAM: [`acs:ram::${accountId}:user/alice`, `acs:ram::${accountId}:user/bob`] },
          Action: ['kms:GetSecretValue', 'kms:DescribeSecret', 'kms:RotateSecret'],
          Resource: ['*'],
        },
      ],
    });
    expect((await eve('SetSecretPolicy', { SecretName, Policy })).status).toBe(200);
    expect(await read(alice, arn)).toContain('of eve');
    const batch = await alice('BatchGetSecretValue', { SecretsList: JSON.stringify([{ SecretName: arn }]) });
    expect(batch.body).toMatchObject({ SecretValues: [{ VersionId: 'v1' }], Errors: [] });
    await rotate(alice, arn, 'v2');
    await waitFor(async () => (await describeSecret(eve))['LastRotationDate'] !== undefined, { what: 'the rotation' });
    expect((await alice('UpdateSecret', { SecretName: arn, Description: 'x' })).body['Code']).toBe(
      'Forbidden.NoPermission',
    );
    const bob = await personOf('bob', undefined, []);
    expect((await bob('GetSecretValue', { SecretName: arn })).body['Code']).toBe('Forbidden.NoPermission');
    expect((await alice('GetSecretValue', { SecretName })).body['Code']).toBe('Forbidden.ResourceNotFound');
  });

  it('rotate apart, each its own instance, and count to so many an hour apart', async () => {
    await started.admin('PUT', 'rules', { quotaScale: 1, rotationsPerHour: 1 });
    await alice('CreateSecret', passwordSecret());
    await eve('CreateSecret', ofEve());
    await rotate(eve, SecretName, 'v2');
    await waitFor(async () => (await describeSecret(eve))['LastRotationDate'] !== undefined, { what: 'the rotation' });
    expect(await describeSecret(alice)).not.toHaveProperty('LastRotationDate');
    expect((await eve('RotateSecret', { SecretName, VersionId: 'v3' })).body).toMatchObject({
      Code: 'Rejected.Throttling',
      Message: expect.stringMatching(/an hour/) as string,
    });
    await rotate(alice, SecretName, 'v2');
    await waitFor(async () => (await describeSecret(alice))['LastRotationDate'] !== undefined, { what: 'the other' });
    const { events } = (await started.admin('GET', 'events')) as {
      events: { content: { rotationEntityArn: string } }[];
    };
    expect(events.map(({ content }) => content.rotationEntityArn)).toEqual([
      expect.stringMatching(new RegExp(`:instance/${captured.instanceId}$`)) as string,
      `acs:ecs:cn-hangzhou:${accountOfEve}:instance/${instanceOfEve}`,
    ]);
  });

  it('cannot rotate on an instance of the other', async () => {
    await eve('CreateSecret', ofEve({ ExtendedConfig: extendedConfig() }));
    await rotate(eve, SecretName, 'v2');
    await waitFor(async () => (await describeSecret(eve))['AutomaticRotation'] === 'Invalid', { what: 'the failure' });
    expect(await read(eve)).toContain('of eve');
  });

  it('have schedules and deletion windows that run by the same clock', async () => {
    const rotating = { EnableAutomaticRotation: 'true', RotationInterval: '1d' };
    await eve('CreateSecret', ofEve(rotating));
    await eve('CreateSecret', ofEve({ SecretName: 'acs/ecs/old' }));
    await eve('DeleteSecret', { SecretName: 'acs/ecs/old', RecoveryWindowInDays: '7' });
    await started.admin('PUT', 'clock', { offsetMs: 8 * 86_400_000, scope: 'resources' });
    await waitFor(async () => (await describeSecret(eve))['LastRotationDate'] !== undefined, { what: 'the schedule' });
    expect((await eve('ListSecrets')).body).toMatchObject({ TotalCount: 1 });
  });

  it('are told apart by the admin calls too', async () => {
    const { admin } = started;
    await expect(admin('PUT', `instances/${instanceOfEve}`, { accountId: '3000000000000003' })).rejects.toThrow('409');
    const change = { state: 'Expired', accountId: '3000000000000003' };
    await expect(admin('PUT', `kms-instances/${kmsInstanceOfEve}`, change)).rejects.toThrow('409');
    await personOf('twin');
    await personOf('twin', accountOfEve);
    await admin('DELETE', 'ram/users/twin', { accountId: accountOfEve });
    await expect(admin('DELETE', 'ram/users/twin', { accountId: accountOfEve })).rejects.toThrow('404');
    await admin('DELETE', 'ram/users/twin');
    await admin('DELETE', `instances/${instanceOfEve}`);
    const ecs = await eve('DescribeInstances', { RegionId: 'cn-hangzhou' }, '2014-05-26');
    expect(ecs.body).toMatchObject({ TotalCount: 0 });
  });
});
