import { createRequire } from 'node:module';
import type KmsSdk from '@alicloud/kms20160120';
import type OpenApiSdk from '@alicloud/openapi-client';
import type TeaUtil from '@alicloud/tea-util';
import { beforeEach, describe, expect, it } from 'vitest';
import { call, passwordSecret } from '../signed-request.suite.js';
import { captured, startEmulator } from '../start-emulator.suite.js';
import type { TestEmulator } from '../start-emulator.suite.js';

// CommonJS packages, whose default export Node and Vitest show differently when imported.
const require = createRequire(import.meta.url);
const KmsClient = require('@alicloud/kms20160120') as typeof KmsSdk;
const OpenApi = require('@alicloud/openapi-client') as typeof OpenApiSdk;
const { RuntimeOptions } = require('@alicloud/tea-util') as typeof TeaUtil;

const patient = new RuntimeOptions({ connectTimeout: 30_000, readTimeout: 30_000 });

const SecretName = 'acs/ecs/web-01';
interface Keys {
  accessKeyId: string;
  accessKeySecret: string;
  securityToken?: string;
}

let started: TestEmulator;
let accountId: string;
let secretArn: string;
beforeEach(async () => {
  started = await startEmulator();
  ({ accountId } = (await started.admin('GET', 'state')) as { accountId: string });
  secretArn = `acs:kms:cn-hangzhou:${accountId}:secret/${SecretName}`;
  await call(
    started.emulator.endpoint,
    'CreateSecret',
    passwordSecret({ Tags: '[{"TagKey":"env","TagValue":"prod"}]' }),
  );
});

const userWith = (policies: string[], more: object = {}) =>
  started.admin('PUT', 'ram/users/bob', { policies, ...more }) as unknown as Promise<Keys & { arn: string }>;
const policy = (name: string, ...statements: object[]) =>
  started.admin('PUT', `ram/policies/${name}`, { Version: '1', Statement: statements });

/** The code of the refusal, or `OK`, of a call by the real SDK of KMS. */
async function kms(keys: Keys, action: string, parameters: Record<string, string> = {}): Promise<string> {
  const { endpoint } = started.emulator;
  const client = new KmsClient.default({ ...keys, endpoint, protocol: 'http', type: 'access_key' } as never);
  try {
    const body = { SecretName, ...parameters };
    await client.doRequest(action, 'HTTPS', 'POST', '2016-01-20', 'AK', {}, body, patient);
    return 'OK';
  } catch (error) {
    return (error as { data?: { Code?: string } }).data?.Code ?? String(error);
  }
}

/** AssumeRole by the generic ACS3 client; STS's own client speaks https alone. */
async function assume(keys: Keys, roleArn: string, sessionPolicy?: object): Promise<Keys> {
  const client = new OpenApi.default(
    new OpenApi.Config({ ...keys, endpoint: started.emulator.endpoint, protocol: 'http', regionId: 'cn-hangzhou' }),
  );
  const parameters = new OpenApi.Params({
    ...{ action: 'AssumeRole', version: '2015-04-01', protocol: 'HTTPS', pathname: '/', method: 'POST' },
    ...{ authType: 'AK', style: 'RPC', reqBodyType: 'formData', bodyType: 'json' },
  });
  const query = {
    RoleArn: roleArn,
    RoleSessionName: 'test',
    ...(sessionPolicy && { Policy: JSON.stringify(sessionPolicy) }),
  };
  const { body } = (await client.callApi(parameters, new OpenApi.OpenApiRequest({ query }), patient)) as {
    body: { Credentials: { AccessKeyId: string; AccessKeySecret: string; SecurityToken: string } };
  };
  const { AccessKeyId, AccessKeySecret, SecurityToken } = body.Credentials;
  return { accessKeyId: AccessKeyId, accessKeySecret: AccessKeySecret, securityToken: SecurityToken };
}

describe('RAM users', () => {
  it('may nothing without a policy, and are told which permission is missing', async () => {
    const bob = await userWith([]);
    expect(await kms(bob, 'GetSecretValue')).toBe('Forbidden.NoPermission');
    const { endpoint } = started.emulator;
    const client = new KmsClient.default({ ...bob, endpoint, protocol: 'http', type: 'access_key' } as never);
    const refused = await client
      .doRequest('GetSecretValue', 'HTTPS', 'POST', '2016-01-20', 'AK', {}, { SecretName }, patient)
      .catch((error: unknown) => (error as { data: object }).data);
    expect(refused).toMatchObject({
      HttpStatus: 403,
      AccessDeniedDetail: {
        AuthAction: 'kms:GetSecretValue',
        AuthPrincipalType: 'SubUser',
        NoPermissionType: 'ImplicitDeny',
      },
    });
  });

  it('reads values with the reading policy and the key; lists neither secrets nor instances', async () => {
    const bob = await userWith(['AliyunKMSSecretUserAccess']);
    expect(await kms(bob, 'GetSecretValue')).toBe('Forbidden.NoPermission'); // the key is missing
    await policy('decrypt', { Effect: 'Allow', Action: 'kms:Decrypt', Resource: `*:key/${captured.encryptionKeyId}` });
    const both = await userWith(['AliyunKMSSecretUserAccess', 'decrypt']);
    expect(await kms(both, 'GetSecretValue')).toBe('OK');
    expect(await kms(both, 'DescribeSecret')).toBe('OK');
    const list = { SecretsList: JSON.stringify([{ SecretName }]) };
    expect(await kms(both, 'BatchGetSecretValue', list)).toBe('Forbidden.NoPermission');
    for (const action of ['ListSecrets', 'DeleteSecret', 'RotateSecret', 'SetSecretPolicy', 'CreateSecret']) {
      expect([action, await kms(both, action)]).toEqual([action, 'Forbidden.NoPermission']);
    }
    const ecs = new OpenApi.default(
      new OpenApi.Config({ ...both, endpoint: started.emulator.endpoint, protocol: 'http', regionId: 'cn-hangzhou' }),
    );
    const parameters = new OpenApi.Params({
      ...{ action: 'DescribeInstances', version: '2014-05-26', protocol: 'HTTPS', pathname: '/', method: 'POST' },
      ...{ authType: 'AK', style: 'RPC', reqBodyType: 'formData', bodyType: 'json' },
    });
    const request = new OpenApi.OpenApiRequest({ query: { RegionId: 'cn-hangzhou' } });
    expect(await ecs.callApi(parameters, request, patient)).toMatchObject({ body: { TotalCount: 0 } });
  });

  it('manage secrets with the administrating policy, and the keys with another; one without kms:GenerateDataKey makes none', async () => {
    const create = passwordSecret({ SecretName: 'acs/ecs/new' });
    expect(await kms(await userWith(['AliyunKMSSecretAdminAccess']), 'CreateSecret', create)).toBe(
      'Forbidden.NoPermission',
    );
    const admin = await userWith(['AliyunKMSSecretAdminAccess', 'AliyunKMSCryptoUserAccess']);
    expect(await kms(admin, 'CreateSecret', create)).toBe('OK');
    for (const [action, more] of [
      ...[['DescribeSecret'], ['ListSecrets'], ['GetSecretValue'], ['GetSecretPolicy'], ['GetRandomPassword']],
      ...[['UpdateSecret', { Description: 'x' }], ['TagResource', { Tags: '[]' }], ['DeleteSecret']],
    ] as [string, Record<string, string>?][])
      expect([action, await kms(admin, action, { SecretName: 'acs/ecs/new', ...more })]).toEqual([action, 'OK']);
    // It names a secret as well, which opens nothing.
    for (const action of ['DisableKey', 'DescribeKey', 'ListKeys', 'ListKmsInstances'])
      expect([action, await kms(admin, action, { KeyId: captured.encryptionKeyId })]).toEqual([
        action,
        'Forbidden.NoPermission',
      ]);

    await policy('create', { Effect: 'Allow', Action: 'kms:CreateSecret', Resource: '*' });
    const KeyId = captured.encryptionKeyId;
    await policy('data-key', { Effect: 'Allow', Action: 'kms:GenerateDataKey', Resource: `*:key/${KeyId}` });
    const [one, other] = ['acs/ecs/c', 'acs/ecs/d'].map((name) => passwordSecret({ SecretName: name }));
    expect(await kms(await userWith(['create']), 'CreateSecret', one)).toBe('Forbidden.NoPermission');
    expect(await kms(await userWith(['create', 'data-key']), 'CreateSecret', other)).toBe('OK');
  });

  it('are told by DryRun what would come of reading a value, which it never shows', async () => {
    const DryRun = 'true';
    expect(await kms(await userWith(['AliyunKMSSecretUserAccess']), 'GetSecretValue', { DryRun })).toBe(
      'AccessDeniedError',
    );
    const admin = await userWith(['AliyunKMSFullAccess']);
    expect(await kms(admin, 'GetSecretValue', { DryRun })).toBe('DryRunOperationError');
    const wrong = { DryRun, VersionStage: 'ACSNext' };
    expect(await kms(admin, 'GetSecretValue', wrong)).toBe('ValidationError');
    expect(await kms(admin, 'GetSecretValue', { DryRun, SecretName: 'acs/ecs/none' })).toBe(
      'Forbidden.ResourceNotFound',
    );
  });

  it('permission comes before parameters and before what exists', async () => {
    const bob = await userWith([]);
    expect(await kms(bob, 'DescribeSecret', { SecretName: 'acs/ecs/none' })).toBe('Forbidden.NoPermission');
    expect(await kms(bob, 'CreateSecret', {})).toBe('Forbidden.NoPermission');
    const admin = await userWith(['AliyunKMSFullAccess']);
    expect(await kms(admin, 'DescribeSecret', { SecretName: 'acs/ecs/none' })).toBe('Forbidden.ResourceNotFound');
  });

  it('a policy of the secret lets in, and keeps out', async () => {
    const bob = await userWith([]);
    const statement = { Principal: { RAM: [bob.arn] }, Resource: ['*'] };
    const set = (Effect: string, Action: string[]) =>
      call(started.emulator.endpoint, 'SetSecretPolicy', {
        SecretName,
        Policy: JSON.stringify({ Version: '1', Statement: [{ ...statement, Effect, Action }] }),
      });
    await set('Allow', ['kms:Describe*']);
    expect(await kms(bob, 'DescribeSecret')).toBe('OK');
    expect(await kms(bob, 'GetSecretValue')).toBe('Forbidden.NoPermission');
    await set('Deny', ['kms:GetSecretValue']);
    const admin = await userWith(['AliyunKMSFullAccess']);
    expect(await kms(admin, 'GetSecretValue')).toBe('Forbidden.NoPermission');
    expect(await kms(admin, 'DescribeSecret')).toBe('OK');
  });

  it('of another account need both policies, and name the secret by its ARN', async () => {
    const accountOfEve = '2000000000000002';
    const eve = (await started.admin('PUT', 'ram/users/eve', {
      accountId: accountOfEve,
      policies: ['AliyunKMSFullAccess'],
    })) as unknown as Keys & { arn: string };
    expect(await kms(eve, 'GetSecretValue', { SecretName: secretArn })).toBe('Forbidden.NoPermission');
    await call(started.emulator.endpoint, 'SetSecretPolicy', {
      SecretName,
      Policy: JSON.stringify({
        Version: '1',
        Statement: [
          { Effect: 'Allow', Principal: { RAM: [eve.arn] }, Action: ['kms:GetSecretValue'], Resource: ['*'] },
        ],
      }),
    });
    expect(await kms(eve, 'GetSecretValue', { SecretName: secretArn })).toBe('OK');
    expect(await kms(eve, 'DeleteSecret', { SecretName: secretArn })).toBe('Forbidden.NoPermission');
    await started.admin('PUT', 'ram/users/eve', { accountId: accountOfEve, policies: [] });
    expect(await kms(eve, 'GetSecretValue', { SecretName: secretArn })).toBe('InvalidAccessKeyId.NotFound');
  });

  it('a disabled key and a removed user get in nowhere', async () => {
    const accessKey = { accessKeyId: 'LTAIbob', accessKeySecret: 'bobs', active: false };
    await userWith(['AliyunKMSFullAccess'], { accessKey });
    expect(await kms(accessKey, 'DescribeSecret')).toBe('InvalidAccessKeyId.Inactive');
    await userWith(['AliyunKMSFullAccess'], { accessKey: { ...accessKey, active: true } });
    expect(await kms(accessKey, 'DescribeSecret')).toBe('OK');
    await started.admin('DELETE', 'ram/users/bob');
    expect(await kms(accessKey, 'DescribeSecret')).toBe('InvalidAccessKeyId.NotFound');
    await expect(userWith(['NoSuchPolicy'])).rejects.toThrow('400');
  });
});

describe('AssumeRole', () => {
  it('gives the rights of the role to whom it trusts, narrowed by a session policy', async () => {
    const bob = await userWith(['AliyunSTSAssumeRoleAccess']);
    const { arn } = (await started.admin('PUT', 'ram/roles/reader', {
      policies: ['AliyunKMSFullAccess'],
      trusted: [bob.arn],
    })) as { arn: string };
    expect(await kms(await assume(bob, arn), 'GetSecretValue')).toBe('OK');
    const describeOnly = { Version: '1', Statement: [{ Effect: 'Allow', Action: 'kms:Describe*', Resource: '*' }] };
    const narrowed = await assume(bob, arn, describeOnly);
    expect(await kms(narrowed, 'DescribeSecret')).toBe('OK');
    expect(await kms(narrowed, 'GetSecretValue')).toBe('Forbidden.NoPermission');
    for (const securityToken of ['x', ''])
      // another, none
      expect(await kms({ ...narrowed, securityToken }, 'DescribeSecret')).toBe(
        'InvalidSecurityToken.MismatchWithAccessKey',
      );
  });

  it('is refused without the permission, without the trust, and for a role that is not there', async () => {
    const bob = await userWith([]);
    const role = (trusted: string[]) => started.admin('PUT', 'ram/roles/reader', { policies: [], trusted });
    const { arn } = (await role([bob.arn])) as { arn: string };
    await expect(assume(bob, arn)).rejects.toMatchObject({ code: 'NoPermission' });
    const trustedBob = await userWith(['AliyunSTSAssumeRoleAccess']);
    await role([`acs:ram::${accountId}:user/alice`]);
    await expect(assume(trustedBob, arn)).rejects.toMatchObject({ code: 'NoPermission' });
    await expect(assume(trustedBob, arn.replace('reader', 'none'))).rejects.toMatchObject({
      code: 'EntityNotExist.Role',
    });
  });
});
