import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir, waitFor } from '@sallyport/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { call, extendedConfig, passwordSecret } from '../signed-request.suite.js';
import type { Reply } from '../signed-request.suite.js';
import { captured, startEmulator } from '../start-emulator.suite.js';
import type { TestEmulator } from '../start-emulator.suite.js';

const dayMs = 86_400_000;
let started: TestEmulator;
let kms: (action: string, parameters?: Record<string, string>) => Promise<Reply>;
beforeEach(async () => {
  started = await startEmulator();
  kms = (action, parameters = {}) => call(started.emulator.endpoint, action, parameters);
});
const codeOf = async (reply: Promise<Reply>): Promise<unknown> => (await reply).body['Code'] ?? 'OK';

describe('keys', () => {
  const KeyId = captured.encryptionKeyId;
  const read = () => codeOf(kms('GetSecretValue', { SecretName: 'acs/ecs/web-01' }));
  beforeEach(async () => {
    await kms('CreateSecret', passwordSecret());
    await kms('CreateSecret', { SecretName: 'plain', VersionId: '1', SecretData: 'one' });
  });

  it('a disabled key makes what it protects unreadable until it is enabled', async () => {
    expect(await codeOf(kms('DisableKey', { KeyId }))).toBe('OK');
    expect(await read()).toBe('Rejected.Disabled');
    expect(await codeOf(kms('CreateSecret', passwordSecret({ SecretName: 'acs/ecs/b' })))).toBe('Rejected.Disabled');
    const put = { SecretName: 'plain', VersionId: '2', SecretData: 'two' };
    expect(await codeOf(kms('PutSecretValue', put))).toBe('Rejected.Disabled');
    await kms('EnableKey', { KeyId });
    expect(await read()).toBe('OK');
    expect(await codeOf(kms('PutSecretValue', put))).toBe('OK');
  });

  it('a key in its deletion window can be taken back, and is gone after it', async () => {
    expect(await codeOf(kms('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: '6' }))).toBe('InvalidParameter');
    await kms('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: '7' });
    expect(await read()).toBe('Rejected.PendingDeletion');
    expect(await codeOf(kms('EnableKey', { KeyId }))).toBe('Rejected.PendingDeletion');
    await kms('CancelKeyDeletion', { KeyId });
    expect(await read()).toBe('OK');
    expect(await codeOf(kms('CancelKeyDeletion', { KeyId }))).toBe('Rejected.StateModifiedFailed');
    await kms('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: '7' });
    await started.admin('PUT', 'clock', { offsetMs: 7 * dayMs + 60_000, scope: 'resources' });
    expect(await read()).toBe('Forbidden.KeyNotFound');
  });

  it('are made with tags and a rotation of their own, of 7 to 365 days', async () => {
    const rotating = (RotationInterval: string) =>
      kms('CreateKey', {
        ...{ DKMSInstanceId: captured.kmsInstanceId, EnableAutomaticRotation: 'true', RotationInterval },
        Tags: '[{"TagKey":"env","TagValue":"prod"}]',
      });
    for (const wrong of ['', '6d', '366d'])
      expect(await codeOf(rotating(wrong))).toBe(wrong === '' ? 'MissingParameter' : 'InvalidParameter');
    const { KeyMetadata } = (await rotating('7d')).body as { KeyMetadata: { KeyId: string } };
    expect(KeyMetadata).toMatchObject({ AutomaticRotation: 'Enabled', RotationInterval: '604800s' });
    expect((await kms('ListResourceTags', { KeyId: KeyMetadata.KeyId })).body['Tags']).toMatchObject({
      Tag: [{ TagKey: 'env', TagValue: 'prod' }],
    });
  });

  it('have aliases', async () => {
    const AliasName = 'alias/web';
    expect(await codeOf(kms('CreateAlias', { KeyId, AliasName: 'alias/acs/web' }))).toBe('InvalidParameter');
    expect(await codeOf(kms('CreateAlias', { KeyId, AliasName }))).toBe('OK');
    expect(await codeOf(kms('CreateAlias', { KeyId, AliasName }))).toBe('AliasAlreadyExists');
    expect((await kms('DescribeKey', { KeyId: AliasName })).body['KeyMetadata']).toMatchObject({ KeyId });
    expect((await kms('ListAliases')).body).toMatchObject({ Aliases: { Alias: [{ KeyId, AliasName }] } });
    await kms('DeleteAlias', { AliasName });
    expect(await codeOf(kms('DescribeKey', { KeyId: AliasName }))).toBe('Forbidden.AliasNotFound');
    expect(await codeOf(kms('DeleteAlias', { AliasName }))).toBe('Forbidden.AliasNotFound');
  });
});

describe('GetRandomPassword', () => {
  const password = async (parameters: Record<string, string> = {}): Promise<string> =>
    String((await kms('GetRandomPassword', parameters)).body['RandomPassword']);

  it('has 32 characters of every type unless told', async () => {
    const made = await password();
    expect(made).toHaveLength(32);
    for (const type of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/]) expect(made).toMatch(type);
    expect(await password()).not.toBe(made);
  });

  it('leaves out what is to be left out', async () => {
    const only = { ExcludeLowercase: 'true', ExcludeUppercase: 'true', ExcludePunctuation: 'true' };
    expect(await password({ ...only, ExcludeCharacters: '0O1l', PasswordLength: '128' })).toMatch(/^[2-9]{128}$/);
    expect(await codeOf(kms('GetRandomPassword', { ...only, ExcludeNumbers: 'true' }))).toBe('InvalidParameter');
    expect(await codeOf(kms('GetRandomPassword', { PasswordLength: '7' }))).toBe('InvalidParameter');
  });
});

describe('Generic secrets', () => {
  const SecretName = 'plain';
  const put = (VersionId: string, SecretData: string, more: Record<string, string> = {}) =>
    kms('PutSecretValue', { SecretName, VersionId, SecretData, ...more });
  const value = async (more: Record<string, string> = {}): Promise<unknown> =>
    (await kms('GetSecretValue', { SecretName, ...more })).body['SecretData'];
  beforeEach(() => kms('CreateSecret', { SecretName, VersionId: '1', SecretData: 'one' }));

  it('get new values; the same again changes nothing, another under the same id is refused', async () => {
    expect((await put('2', 'two')).body).toMatchObject({ VersionStages: { VersionStage: ['ACSCurrent'] } });
    expect([await value(), await value({ VersionStage: 'ACSPrevious' })]).toEqual(['two', 'one']);
    expect((await put('2', 'two')).status).toBe(200);
    expect((await put('2', 'other')).body['Code']).toBe('Rejected.ResourceExist');
    expect(await value({ VersionStage: 'ACSPrevious' })).toBe('one');
    expect(await codeOf(put('3', 'ü'.repeat(15_361)))).toBe('InvalidParameter'); // 30,722 bytes
    expect(await codeOf(put('3', 'ü'.repeat(15_360)))).toBe('OK');
  });

  it('have a data type of each value', async () => {
    const typeOf = async (more = {}) => (await kms('GetSecretValue', { SecretName, ...more })).body['SecretDataType'];
    await put('2', 'dHdv', { SecretDataType: 'binary' });
    expect([await typeOf(), await typeOf({ VersionStage: 'ACSPrevious' })]).toEqual(['binary', 'text']);
    await put('3', 'three', { VersionStages: '["green"]' });
    expect([await typeOf(), await typeOf({ VersionStage: 'green' })]).toEqual(['binary', 'text']);
  });

  it('keep ten versions, and stages of their own that can be moved', async () => {
    for (let version = 2; version <= 12; version += 1) await put(String(version), `value ${version}`);
    const all = await kms('ListSecretVersionIds', { SecretName, IncludeDeprecated: 'true' });
    expect(all.body['TotalCount']).toBe(10);
    const move = (more: Record<string, string>) => codeOf(kms('UpdateSecretVersionStage', { SecretName, ...more }));
    expect(await move({ VersionStage: 'green', MoveToVersion: '11' })).toBe('OK');
    expect(await value({ VersionStage: 'green' })).toBe('value 11');
    expect(await move({ VersionStage: 'ACSCurrent', MoveToVersion: '11' })).toBe('OK');
    expect([await value(), await value({ VersionStage: 'ACSPrevious' })]).toEqual(['value 11', 'value 12']);
    expect(await move({ VersionStage: 'ACSCurrent', RemoveFromVersion: '11' })).toBe('InvalidParameter');
    expect(await move({ VersionStage: 'green', RemoveFromVersion: '11' })).toBe('OK');
    expect(await codeOf(kms('GetSecretValue', { SecretName, VersionStage: 'green' }))).toBe(
      'Forbidden.ResourceNotFound',
    );
    expect(await move({ VersionStage: 'green' })).toBe('InvalidParameter');
    const stages = (...names: string[]) => ({ VersionStages: JSON.stringify(names) });
    expect(await codeOf(put('13', 'x', stages('a', 'b', 'c', 'd', 'e', 'f')))).toBe('OK'); // 8 with the built-in ones
    expect(await codeOf(put('14', 'x', stages('g')))).toBe('Rejected.LimitExceeded');
    expect(await codeOf(put('14', 'x', stages('f')))).toBe('OK');
    expect(await move({ VersionStage: 'g', MoveToVersion: '14' })).toBe('Rejected.LimitExceeded');
    expect(await move({ VersionStage: 'green', MoveToVersion: 'none' })).toBe('Forbidden.ResourceNotFound');
  });

  it('are the only ones that take a value', async () => {
    await kms('CreateSecret', passwordSecret());
    const managed = { SecretName: 'acs/ecs/web-01' };
    expect(await codeOf(kms('PutSecretValue', { ...managed, VersionId: 'v2', SecretData: '{}' }))).toBe(
      'InvalidParameter',
    );
    expect(await codeOf(kms('UpdateSecretVersionStage', { ...managed, VersionStage: 'x', MoveToVersion: 'v1' }))).toBe(
      'InvalidParameter',
    );
    expect(await codeOf(kms('GetSecretValue', { ...managed, VersionStage: 'x' }))).toBe('InvalidParameter');
  });
});

it('reads several values at once, each judged by itself', async () => {
  await kms('CreateSecret', passwordSecret());
  const SecretsList = JSON.stringify([{ SecretName: 'acs/ecs/web-01' }, { SecretName: 'acs/ecs/none' }]);
  // A dry run is of GetSecretValue alone; other operations pass the parameter over.
  expect((await kms('BatchGetSecretValue', { SecretsList, DryRun: 'true' })).body).toMatchObject({
    SecretValues: [{ SecretName: 'acs/ecs/web-01', VersionId: 'v1' }],
    Errors: [{ SecretName: 'acs/ecs/none', Code: 'Forbidden.ResourceNotFound', HttpStatus: 404 }],
  });
  const many = JSON.stringify(Array.from({ length: 21 }, () => ({ SecretName: 'x' })));
  expect(await codeOf(kms('BatchGetSecretValue', { SecretsList: many }))).toBe('InvalidParameter');
});

it('a KMS instance holds as many secrets as it was bought with', async () => {
  await started.admin('PUT', 'rules', { secretsPerInstance: 1 });
  expect(await codeOf(kms('CreateSecret', passwordSecret()))).toBe('OK');
  expect(await codeOf(kms('CreateSecret', passwordSecret({ SecretName: 'acs/ecs/b' })))).toBe('Rejected.LimitExceeded');
  const quotas = await kms('GetKmsInstanceQuotaInfos', { KmsInstanceId: captured.kmsInstanceId });
  expect(quotas.body['KmsInstanceQuotaInfos']).toContainEqual({
    ResourceType: 'secret',
    ResourceQuota: 1,
    UsedQuantity: 1,
  });
  expect(await codeOf(kms('GetKmsInstanceQuotaInfos', { KmsInstanceId: 'kst-none' }))).toBe(
    'Forbidden.ResourceNotFound',
  );
});

it('a KMS instance holds no more keys than it was bought with, also when they are made at once', async () => {
  await started.admin('PUT', 'rules', { keysPerInstance: 3 });
  const made = await Promise.all(Array.from({ length: 5 }, () => codeOf(kms('CreateKey'))));
  expect(made.toSorted()).toEqual(['OK', 'OK', ...Array.from({ length: 3 }, () => 'Rejected.LimitExceeded')]);
});

it('a KMS instance that has expired does nothing for anybody, until it is paid for', async () => {
  const SecretName = 'acs/ecs/web-01';
  const { kmsInstanceId } = captured;
  const set = (id: string, state: string) => started.admin('PUT', `kms-instances/${id}`, { state });
  await set('kst-other', 'Available');
  const elsewhere = await kms('CreateKey', { DKMSInstanceId: 'kst-other' });
  const EncryptionKeyId = (elsewhere.body['KeyMetadata'] as { KeyId: string }).KeyId;
  const other = { SecretName: 'acs/ecs/b', DKMSInstanceId: 'kst-other', EncryptionKeyId };
  expect(await codeOf(kms('CreateSecret', passwordSecret(other)))).toBe('OK');
  expect(await codeOf(kms('CreateSecret', passwordSecret()))).toBe('OK');
  expect((await kms('ListKmsInstances')).body).toMatchObject({
    KmsInstances: { KmsInstance: [{ KmsInstanceId: kmsInstanceId }, { KmsInstanceId: 'kst-other' }] },
  });
  await set(kmsInstanceId, 'Expired');
  const uses: [string, Record<string, string>][] = [
    ['GetSecretValue', { SecretName }],
    ['RotateSecret', { SecretName, VersionId: 'v2' }],
    ['CreateSecret', passwordSecret({ SecretName: 'acs/ecs/c' })],
    ['CreateKey', { DKMSInstanceId: kmsInstanceId }],
  ];
  for (const [action, parameters] of uses)
    expect(await kms(action, parameters), action).toMatchObject({
      status: 409,
      body: { Code: 'Rejected.Unavailable' },
    });
  expect(await codeOf(kms('DescribeSecret', { SecretName }))).toBe('OK');
  expect(await codeOf(kms('GetSecretValue', { SecretName: 'acs/ecs/b' }))).toBe('OK');
  await set(kmsInstanceId, 'Available');
  expect(await codeOf(kms('GetSecretValue', { SecretName }))).toBe('OK');
});

it('keys are tagged by both calls, and their tags listed by both', async () => {
  const KeyId = captured.encryptionKeyId;
  const Tags = '[{"TagKey":"env","TagValue":"prod"},{"TagKey":"a","TagValue":"b"}]';
  expect(await codeOf(kms('TagResource', { Tags }))).toBe('InvalidParameter');
  expect(await codeOf(kms('TagResource', { KeyId, SecretName: 'acs/ecs/x', Tags }))).toBe('InvalidParameter');
  expect(await codeOf(kms('TagResource', { KeyId: 'key-none', Tags }))).toBe('Forbidden.KeyNotFound');
  expect(await codeOf(kms('TagResource', { KeyId, Tags }))).toBe('OK');
  const ofKey = async (): Promise<unknown> => (await kms('ListResourceTags', { KeyId })).body['Tags'];
  const [env, a] = [
    { KeyId, TagKey: 'env', TagValue: 'prod' },
    { KeyId, TagKey: 'a', TagValue: 'b' },
  ];
  expect(await ofKey()).toEqual({ Tag: [env, a] });
  const several = { RegionId: 'cn-hangzhou', ResourceType: 'key', 'ResourceId.1': KeyId };
  await kms('TagResources', { ...several, 'Tag.1.Key': 'a', 'Tag.1.Value': 'c' });
  await kms('UntagResource', { KeyId, TagKeys: '["env"]' });
  const row = { ResourceId: KeyId, ResourceType: 'key', TagKey: 'a', TagValue: 'c' };
  expect((await kms('ListTagResources', several)).body).toMatchObject({ TagResources: { TagResource: [row] } });
  await kms('UntagResources', { ...several, 'TagKey.1': 'a' });
  expect(await ofKey()).toEqual({ Tag: [] });
  await kms('TagResource', { KeyId, Tags });
  await kms('UntagResources', { ...several, 'TagKey.1': 'a', All: 'true' });
  expect(await ofKey()).toEqual({ Tag: [env] });
  await kms('UntagResources', { ...several, All: 'true' });
  expect(await ofKey()).toEqual({ Tag: [] });
});

it('lists tags by resource and by tag, and regions', async () => {
  await kms(
    'CreateSecret',
    passwordSecret({ Tags: '[{"TagKey":"env","TagValue":"prod"},{"TagKey":"a","TagValue":"b"}]' }),
  );
  const rows = async (more: Record<string, string>): Promise<unknown> => {
    const { body } = await kms('ListTagResources', { RegionId: 'cn-hangzhou', ResourceType: 'secret', ...more });
    return (body['TagResources'] as { TagResource: unknown[] }).TagResource;
  };
  const env = { ResourceId: 'acs/ecs/web-01', ResourceType: 'secret', TagKey: 'env', TagValue: 'prod' };
  expect(await rows({ 'ResourceId.1': 'acs/ecs/web-01' })).toHaveLength(2);
  expect(await rows({ 'Tag.1.Key': 'env' })).toEqual([env]);
  expect(await rows({ 'Tag.1.Key': 'env', 'Tag.1.Value': 'test' })).toEqual([]);
  expect((await kms('DescribeRegions')).body).toMatchObject({ Regions: { Region: [{ RegionId: 'cn-hangzhou' }] } });
});

it('a Windows instance takes passwords alone, and rotates them for its Administrator', async () => {
  const InstanceId = 'i-windows';
  const machine = { name: 'win-1', address: '10.0.0.7', port: 22, regionId: 'cn-hangzhou', osType: 'windows' };
  await started.admin('PUT', `instances/${InstanceId}`, machine);
  const secret = (SecretSubType: string, SecretData: object) =>
    codeOf(
      kms(
        'CreateSecret',
        passwordSecret({
          SecretData: JSON.stringify(SecretData),
          ExtendedConfig: extendedConfig({ InstanceId, SecretSubType }),
        }),
      ),
    );
  const UserName = 'Administrator';
  const key = { UserName, PublicKey: 'ssh-ed25519 AAAA', PrivateKey: '-----BEGIN PRIVATE KEY-----\n' };
  expect(await secret('SSHKey', key)).toBe('InvalidParameter');
  expect(await secret('Password', { UserName, Password: 'first' })).toBe('OK');

  const file = join(tempDir(), 'told');
  const code = `require('fs').writeFileSync(${JSON.stringify(file)}, require('fs').readFileSync(0))`;
  await started.admin('PUT', `instances/${InstanceId}`, { assistant: { command: [process.execPath, '-e', code] } });
  const SecretName = 'acs/ecs/web-01';
  await kms('RotateSecret', { SecretName, VersionId: 'v2' });
  const current = async () => (await kms('GetSecretValue', { SecretName })).body;
  await waitFor(async () => (await current())['VersionId'] === 'v2', { what: 'the rotation' });
  const { Password } = JSON.parse(String((await current())['SecretData'])) as { Password: string };
  expect(Password).toHaveLength(32);
  const told = JSON.parse(readFileSync(file, 'utf8')) as unknown;
  expect(told).toEqual({ instanceId: InstanceId, subType: 'Password', userName: UserName, password: Password });
});
