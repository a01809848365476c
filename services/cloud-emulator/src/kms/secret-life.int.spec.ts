import { beforeEach, describe, expect, it } from 'vitest';
import { call, passwordSecret } from '../signed-request.suite.js';
import type { Reply } from '../signed-request.suite.js';
import { captured, startEmulator } from '../start-emulator.suite.js';
import type { TestEmulator } from '../start-emulator.suite.js';

const SecretName = 'acs/ecs/web-01';
const dayMs = 86_400_000;

describe('the life of a secret', () => {
  let started: TestEmulator;
  let kms: (action: string, parameters?: Record<string, string>) => Promise<Reply>;
  beforeEach(async () => {
    started = await startEmulator();
    kms = (action, parameters = {}) => call(started.emulator.endpoint, action, { SecretName, ...parameters });
    await kms(
      'CreateSecret',
      passwordSecret({ Description: 'the first', Tags: '[{"TagKey":"env","TagValue":"prod"}]' }),
    );
  });
  const listed = async (parameters: Record<string, string>): Promise<string[]> => {
    const { body } = await kms('ListSecrets', parameters);
    return (body['SecretList'] as { Secret: { SecretName: string }[] }).Secret.map((one) => one.SecretName);
  };
  const filter = (...filters: [string, string[]][]): Record<string, string> => ({
    Filters: JSON.stringify(filters.map(([Key, Values]) => ({ Key, Values }))),
  });

  it('lists by filters and pages', async () => {
    for (const name of ['acs/ecs/web-02', 'acs/ecs/db-01'])
      await kms('CreateSecret', passwordSecret({ SecretName: name }));
    await kms('CreateSecret', { SecretName: 'plain', VersionId: '1', SecretData: 'x' });
    expect(await listed({})).toHaveLength(4);
    expect(await listed(filter(['SecretType', ['ecs']]))).toHaveLength(3);
    expect(await listed(filter(['SecretName', ['web-02', 'db']]))).toEqual(['acs/ecs/db-01', 'acs/ecs/web-02']);
    expect(await listed(filter(['SecretType', ['ECS']], ['TagKey', ['env']], ['TagValue', ['prod']]))).toEqual([
      SecretName,
    ]);
    expect(await listed(filter(['Description', ['first']]))).toEqual([SecretName]);
    expect(await listed(filter(['DKMSInstanceId', ['kst-none']]))).toEqual([]);
    expect([...(await listed({ PageSize: '3' })), ...(await listed({ PageSize: '3', PageNumber: '2' }))]).toHaveLength(
      4,
    );
    for (const wrong of [{ PageSize: '101' }, { PageNumber: '0' }, filter(['Owner', ['x']]), filter(['TagKey', []])]) {
      expect((await kms('ListSecrets', wrong)).body['Code']).toBe('InvalidParameter');
    }
    await started.admin('PUT', 'rules', { listMatch: 'exact' });
    expect(await listed(filter(['SecretName', ['web-02', SecretName]]))).toEqual([SecretName]);
  });

  const daysUntil = ({ body }: Reply): number =>
    Math.round((Date.parse(String(body['PlannedDeleteTime'])) - Date.now()) / dayMs);

  it('is not readable in its deletion window, can be restored, and is gone after it', async () => {
    const deleted = await kms('DeleteSecret', { RecoveryWindowInDays: '7' });
    expect(daysUntil(deleted)).toBe(7);
    const { Policy } = (await kms('GetSecretPolicy')).body as { Policy: string };
    for (const [action, more] of [
      ...[['GetSecretValue'], ['ListSecretVersionIds'], ['DeleteSecret'], ['UpdateSecret']],
      ...[
        ['RotateSecret', { VersionId: 'v2' }],
        ['SetSecretPolicy', { Policy }],
      ],
      ['UpdateSecretRotationPolicy', { EnableAutomaticRotation: 'false' }],
    ] as [string, Record<string, string>?][]) {
      expect(await kms(action, more), action).toMatchObject({
        status: 409,
        body: { Code: 'Rejected.ResourceInDeleteWindow' },
      });
    }
    const atOnce = await kms('DeleteSecret', { ForceDeleteWithoutRecovery: 'true' });
    expect(atOnce.body['Code']).toBe('Rejected.ResourceInDeleteWindow');
    const taken = await kms('CreateSecret', passwordSecret());
    expect(taken.body['Code']).toBe('Rejected.ResourceInDeleteWindow');
    expect((await kms('DescribeSecret')).body).toHaveProperty('PlannedDeleteTime');
    expect(await listed({})).toEqual([SecretName]);

    expect((await kms('RestoreSecret')).status).toBe(200);
    expect((await kms('GetSecretValue')).status).toBe(200);
    expect((await kms('RestoreSecret')).body['Code']).toBe('Rejected.ResourceInUse');

    expect(daysUntil(await kms('DeleteSecret'))).toBe(30);
    await kms('RestoreSecret');
    await kms('DeleteSecret', { RecoveryWindowInDays: '7' });
    await started.admin('PUT', 'clock', { offsetMs: 7 * dayMs - 60_000, scope: 'resources' });
    expect((await kms('DescribeSecret')).status).toBe(200);
    await started.admin('PUT', 'clock', { offsetMs: 7 * dayMs + 60_000, scope: 'resources' });
    expect((await kms('DescribeSecret')).body['Code']).toBe('Forbidden.ResourceNotFound');
    expect((await kms('CreateSecret', passwordSecret())).status).toBe(200);
  });

  it('refuses windows outside 7 to 30 days, and a window with force', async () => {
    for (const window of [{ RecoveryWindowInDays: '6' }, { RecoveryWindowInDays: '31' }]) {
      expect((await kms('DeleteSecret', window)).body['Code']).toBe('InvalidParameter');
    }
    const both = { ForceDeleteWithoutRecovery: 'true', RecoveryWindowInDays: '7' };
    expect((await kms('DeleteSecret', both)).body['Code']).toBe('InvalidParameter');
    expect((await kms('DeleteSecret', { ForceDeleteWithoutRecovery: 'true' })).body).not.toHaveProperty(
      'PlannedDeleteTime',
    );
    expect((await kms('DescribeSecret')).status).toBe(404);
  });

  it('takes custom data in both forms, a description, and an empty one', async () => {
    await kms('UpdateSecret', { Description: 'new', 'ExtendedConfig.CustomData': '{"a":"1","b":"2"}' });
    const first = (await kms('DescribeSecret')).body;
    expect(first['Description']).toBe('new');
    expect(JSON.parse(String(first['ExtendedConfig']))).toMatchObject({ CustomData: { a: '1', b: '2' } });
    await kms('UpdateSecret', { Description: '', 'ExtendedConfig.CustomData.owner': 'ops' });
    const second = (await kms('DescribeSecret')).body;
    expect(second['Description']).toBe('');
    expect(JSON.parse(String(second['ExtendedConfig']))).toMatchObject({ CustomData: { owner: 'ops' } });
    expect((await kms('UpdateSecret', { 'ExtendedConfig.CustomData': '[1]' })).body['Code']).toBe('InvalidParameter');
  });

  it('is tagged and untagged by both calls, up to 20 tags', async () => {
    const tagsNow = async (): Promise<unknown> => (await kms('DescribeSecret', { FetchTags: 'true' })).body['Tags'];
    await kms('TagResource', { Tags: '[{"TagKey":"env","TagValue":"test"},{"TagKey":"a","TagValue":""}]' });
    await kms('UntagResource', { TagKeys: '["a"]' });
    expect(await tagsNow()).toEqual({ Tag: [{ TagKey: 'env', TagValue: 'test' }] });
    const resource = { RegionId: 'cn-hangzhou', ResourceType: 'secret', 'ResourceId.1': SecretName };
    await kms('TagResources', { ...resource, 'Tag.1.Key': 'team', 'Tag.1.Value': 'sre' });
    await kms('UntagResources', { ...resource, 'TagKey.1': 'env' });
    expect(await tagsNow()).toEqual({ Tag: [{ TagKey: 'team', TagValue: 'sre' }] });
    const twenty = JSON.stringify(Array.from({ length: 20 }, (_, i) => ({ TagKey: `k${i}`, TagValue: '' })));
    expect((await kms('TagResource', { Tags: twenty })).body['Code']).toBe('Rejected.LimitExceeded');
    expect((await kms('TagResource', { Tags: '[{"TagKey":"acs:x","TagValue":""}]' })).body['Code']).toBe(
      'InvalidParameter',
    );
  });

  it('keeps a policy, and has a default one', async () => {
    const { body } = await kms('GetSecretPolicy', { PolicyName: 'default' });
    const Policy = String(body['Policy']);
    expect(JSON.parse(Policy)).toMatchObject({ Version: '1', Statement: [{ Action: ['kms:*'] }] });
    const changed = Policy.replace('kms:*', 'kms:List*');
    expect((await kms('SetSecretPolicy', { PolicyName: 'default', Policy: changed })).status).toBe(200);
    expect((await kms('GetSecretPolicy', { PolicyName: 'default' })).body['Policy']).toBe(changed);
    const lost = changed.replace('"Effect"', '"Condition":{"__proto__":{"acs:SourceIp":["10.0.0.0/8"]}},"Effect"');
    for (const wrong of ['{}', lost])
      expect((await kms('SetSecretPolicy', { Policy: wrong })).body['Code']).toBe('InvalidParameter');
    expect((await kms('GetSecretPolicy', { PolicyName: 'other' })).status).toBe(404);
  });

  it('knows the keys and the KMS instance', async () => {
    const created = (await kms('CreateKey', { Description: 'd' })).body['KeyMetadata'] as Record<string, string>;
    expect(created).toMatchObject({
      DKMSInstanceId: captured.kmsInstanceId,
      KeySpec: 'Aliyun_AES_256',
      KeyState: 'Enabled',
    });
    expect((await kms('DescribeKey', { KeyId: created['Arn'] ?? '' })).body['KeyMetadata']).toEqual(created);
    expect((await kms('DescribeKey', { KeyId: 'key-none' })).body['Code']).toBe('Forbidden.KeyNotFound');
    expect((await kms('ListKeys')).body).toMatchObject({ TotalCount: 2 });
    expect((await kms('ListKmsInstances')).body).toMatchObject({
      KmsInstances: { KmsInstance: [{ KmsInstanceId: captured.kmsInstanceId }] },
    });
    const name = 'acs/ecs/second-key';
    await kms('CreateSecret', passwordSecret({ SecretName: name, EncryptionKeyId: created['KeyId'] ?? '' }));
    expect((await kms('GetSecretValue', { SecretName: name })).status).toBe(200);
  });

  it('answers a dry run with an error that says it would work', async () => {
    expect((await kms('GetSecretValue', { DryRun: 'true' })).body['Code']).toBe('DryRunOperationError');
    expect((await kms('GetSecretValue', { VersionStage: 'Mine' })).body['Code']).toBe('InvalidParameter');
    expect((await kms('GetSecretValue', { VersionStage: 'ACSPrevious' })).body['Code']).toBe(
      'Forbidden.ResourceNotFound',
    );
  });

  it('names actions that it does not know or have', async () => {
    expect(await kms('getSecretValue')).toMatchObject({ status: 404, body: { Code: 'InvalidApi.NotFound' } });
    expect(await kms('Encrypt')).toMatchObject({ status: 400, body: { Code: 'UnsupportedOperation' } });
    const other = await call(started.emulator.endpoint, 'DescribeInstances', {}, '2014-05-26');
    expect(other).toMatchObject({
      status: 400,
      body: { Code: 'MissingParameter', HostId: 'ecs.cn-hangzhou.aliyuncs.com' },
    });
    expect((await call(started.emulator.endpoint, 'ListSecrets', {}, '2020-01-01')).body['Code']).toBe(
      'InvalidVersion',
    );
  });
});
