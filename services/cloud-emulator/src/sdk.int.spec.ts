import { createRequire } from 'node:module';
import type EcsSdk from '@alicloud/ecs20140526';
import type KmsSdk from '@alicloud/kms20160120';
import type OpenApiSdk from '@alicloud/openapi-client';
import type TeaUtil from '@alicloud/tea-util';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCaptureFile } from './capture.suite.js';
import { captured, startEmulator, theInstance } from './start-emulator.suite.js';
import type { TestEmulator } from './start-emulator.suite.js';

// CommonJS packages, whose default export Node and Vitest show differently when imported.
const require = createRequire(import.meta.url);
const ecs = require('@alicloud/ecs20140526') as typeof EcsSdk;
const kms = require('@alicloud/kms20160120') as typeof KmsSdk;
const openApi = require('@alicloud/openapi-client') as typeof OpenApiSdk;
const tea = require('@alicloud/tea-util') as typeof TeaUtil;

type Fields = Record<string, string>;
type Result = Record<string, unknown>;
/** Calls one operation of KMS. */
type Call = (action: string, parameters: Fields) => Promise<Result>;

const runtime = new tea.RuntimeOptions({ connectTimeout: 5_000, readTimeout: 10_000 });

function configOf({ emulator }: TestEmulator): Fields {
  return {
    accessKeyId: captured.accessKeyId,
    accessKeySecret: captured.accessKeySecret,
    endpoint: emulator.endpoint,
    protocol: 'http',
    regionId: 'cn-hangzhou',
  };
}

function kmsClient(started: TestEmulator): InstanceType<typeof kms.default> {
  return new kms.default({ ...configOf(started), type: 'access_key' } as never);
}

function openApiClient(started: TestEmulator, more: Fields = {}): InstanceType<typeof openApi.default> {
  return new openApi.default(new openApi.Config({ ...configOf(started), ...more }));
}

/** Each way that the SDKs have to call an operation that they do not know. */
function waysToCall(started: TestEmulator): Record<string, Call> {
  const legacy = kmsClient(started);
  const generic =
    (more: Fields, place: 'query' | 'body'): Call =>
    async (action, parameters) => {
      const params = new openApi.Params({
        ...{ action, version: '2016-01-20', protocol: 'HTTPS', pathname: '/', method: 'POST', authType: 'AK' },
        ...{ style: 'RPC', reqBodyType: 'formData', bodyType: 'json' },
      });
      const request = new openApi.OpenApiRequest({ [place]: parameters });
      const answer = await openApiClient(started, more).callApi(params, request, runtime);
      return answer['body'] as Result;
    };
  return {
    'kms 1.2.0, form body': (action, parameters) =>
      legacy.doRequest(action, 'HTTPS', 'POST', '2016-01-20', 'AK', {}, parameters, runtime),
    'kms 1.2.0, query': (action, parameters) =>
      legacy.doRequest(action, 'HTTPS', 'POST', '2016-01-20', 'AK', parameters, null as never, runtime),
    'openapi-client, ACS3, query': generic({}, 'query'),
    'openapi-client, ACS3, form body': generic({}, 'body'),
    'openapi-client, V1': generic({ signatureAlgorithm: 'v2' }, 'query'),
  };
}

const hardPassword = `p@ss w*rd(1)!'~+%&="\\ ü`;

function newSecret(name: string): Fields {
  return {
    SecretName: name,
    VersionId: 'v1',
    SecretType: 'ECS',
    SecretData: JSON.stringify({ UserName: 'root', Password: hardPassword }),
    ExtendedConfig: JSON.stringify({
      SecretSubType: 'Password',
      RegionId: 'cn-hangzhou',
      InstanceId: captured.instanceId,
      CustomData: { owner: 'ops' },
    }),
    EncryptionKeyId: captured.encryptionKeyId,
    DKMSInstanceId: captured.kmsInstanceId,
    EnableAutomaticRotation: 'true',
    RotationInterval: '7d',
    Tags: JSON.stringify([{ TagKey: 'env', TagValue: 'prod' }]),
  };
}

describe('the real SDKs', () => {
  let started: TestEmulator;
  let ways: Record<string, Call>;
  beforeAll(async () => {
    started = await startEmulator();
    ways = waysToCall(started);
  });

  it.each([
    'kms 1.2.0, form body',
    'kms 1.2.0, query',
    'openapi-client, ACS3, query',
    'openapi-client, ACS3, form body',
    'openapi-client, V1',
  ])('create, read and delete an ECS secret: %s', async (way) => {
    const call = ways[way];
    if (!call) throw new Error('no such way');
    const name = `acs/ecs/${way.replace(/[^a-z0-9]+/gi, '-')}`;
    const created = await call('CreateSecret', newSecret(name));
    expect(created).toMatchObject({
      SecretName: name,
      VersionId: 'v1',
      SecretType: 'ECS',
      DKMSInstanceId: captured.kmsInstanceId,
      AutomaticRotation: 'Enabled',
      RotationInterval: '604800s',
    });
    expect(created['Arn']).toMatch(/^acs:kms:cn-hangzhou:\d{16}:secret\/acs\/ecs\//);

    const value = await call('GetSecretValue', {
      SecretName: String(created['Arn']),
      VersionId: 'ignored',
      FetchExtendedConfig: 'true',
    });
    expect(JSON.parse(String(value['SecretData']))).toEqual({ UserName: 'root', Password: hardPassword });
    expect(value).toMatchObject({ VersionId: 'v1', VersionStages: { VersionStage: ['ACSCurrent'] } });
    expect(value).not.toHaveProperty('LastRotationDate');
    expect(JSON.parse(String(value['ExtendedConfig']))).toMatchObject({
      SecretSubType: 'Password',
      InstanceId: captured.instanceId,
      CustomData: { owner: 'ops' },
      CommandId: expect.stringMatching(/^cmd-ACS-KMS-RotateECSSecret/) as string,
    });

    await call('DeleteSecret', { SecretName: name, ForceDeleteWithoutRecovery: 'true' });
    await expect(call('GetSecretValue', { SecretName: name })).rejects.toMatchObject({
      data: { Code: 'Forbidden.ResourceNotFound', HttpStatus: 404 },
    });
  });

  it('read a secret by the typed calls of kms 1.2.0', async () => {
    const name = 'acs/ecs/typed';
    await ways['kms 1.2.0, form body']?.('CreateSecret', newSecret(name));
    const client = kmsClient(started);
    const value = await client.getSecretValue(
      new kms.GetSecretValueRequest({ secretName: name, versionStage: 'ACSCurrent' }),
    );
    expect(JSON.parse(value.secretData)).toMatchObject({ Password: hardPassword });
    const listed = await client.listSecrets(
      new kms.ListSecretsRequest({ fetchTags: 'true', pageNumber: 1, pageSize: 100 }),
    );
    expect(listed.secretList.secret.map(({ secretName }) => secretName)).toContain(name);
    const described = await client.describeSecret(
      new kms.DescribeSecretRequest({ secretName: name, fetchTags: 'true' }),
    );
    expect(described.encryptionKeyId).toBe(captured.encryptionKeyId);
    expect(described.tags.tag).toMatchObject([{ tagKey: 'env', tagValue: 'prod' }]);
    const versions = await client.listSecretVersionIds(new kms.ListSecretVersionIdsRequest({ secretName: name }));
    expect(versions.versionIds.versionId.map(({ versionId }) => versionId)).toEqual(['v1']);
    const generic = new kms.CreateSecretRequest({
      secretName: 'plain',
      versionId: '1',
      secretData: 'x'.repeat(30_720), // in the URL
    });
    expect((await client.createSecret(generic)).secretName).toBe('plain');
  });

  it('list instances page by page with ecs 7.11', async () => {
    for (let number = 1; number <= 12; number += 1) {
      const place = { name: `extra-${number}`, address: '10.0.0.1', port: 22, regionId: 'cn-hangzhou' };
      await started.admin('PUT', `instances/i-extra${number}`, place);
    }
    const client = new ecs.default({ ...configOf(started) } as never);
    const ask = async (fields: object): Promise<ReturnType<typeof view>> =>
      view(await client.describeInstances(new ecs.DescribeInstancesRequest({ regionId: 'cn-hangzhou', ...fields })));
    const view = ({ body }: Awaited<ReturnType<typeof client.describeInstances>>) => ({
      next: body?.nextToken ?? '',
      total: body?.totalCount ?? 0,
      found: body?.instances?.instance ?? [],
    });

    const first = await ask({ maxResults: 1 }); // counts as 10
    expect(first.found).toHaveLength(10);
    const second = await ask({ maxResults: 1, nextToken: first.next });
    expect(second).toMatchObject({ next: '', total: 13 });
    expect(second.found).toHaveLength(3);

    const { instanceId, port } = await theInstance(started.admin);
    const one = await ask({ instanceIds: JSON.stringify([instanceId]), maxResults: 100 });
    expect(one.found[0]).toMatchObject({
      instanceId,
      instanceName: 'web-1',
      OSType: 'linux',
      status: 'Running',
      vpcAttributes: { privateIpAddress: { ipAddress: ['127.0.0.1'] } },
      tags: { tag: [{ tagKey: 'sallyport:ssh-port', tagValue: String(port) }] },
    });
    expect((await ask({ instanceIds: '[]' })).found).toEqual([]);
    expect((await ask({ instanceName: 'extra-*2' })).found).toHaveLength(2);
    expect((await ask({ tag: [{ key: 'sallyport:ssh-port', value: '22' }], maxResults: 100 })).total).toBe(12);
    expect((await ask({ regionId: 'cn-beijing' })).found).toEqual([]);
  });

  it('take temporary credentials, until they expire', async () => {
    const issued = (await started.admin('GET', 'sts')) as Fields;
    const client = openApiClient(started, {
      accessKeyId: issued['AccessKeyId'] ?? '',
      accessKeySecret: issued['AccessKeySecret'] ?? '',
      securityToken: issued['SecurityToken'] ?? '',
      type: 'sts',
    });
    const params = new openApi.Params({
      ...{ action: 'ListSecrets', version: '2016-01-20', protocol: 'HTTPS', pathname: '/', method: 'POST' },
      ...{ authType: 'AK', style: 'RPC', reqBodyType: 'formData', bodyType: 'json' },
    });
    const list = (): Promise<unknown> => client.callApi(params, new openApi.OpenApiRequest({}), runtime);
    await expect(list()).resolves.toMatchObject({ statusCode: 200 });
    await started.admin('PUT', 'faults', { kind: 'expired-sts', count: 1 });
    await expect(list()).rejects.toMatchObject({ code: 'InvalidAccessKeyId.NotFound', statusCode: 404 });
  });
});

interface Mapping {
  readonly response: { readonly status: number; readonly body: { readonly Code: string } };
  readonly error: { readonly code: string; readonly statusCode: number | null; readonly message: string };
}

describe('errors, as error-mapping.json has them', () => {
  const { clients } = readCaptureFile('error-mapping.json') as { clients: Record<string, Mapping[]> };
  /** How to make the emulator give the answers of that file which it gives at all. */
  const provoke: Record<string, { kind?: string }> = {
    'Forbidden.ResourceNotFound': {},
    'Rejected.Throttling': { kind: '429' },
  };
  const cases = [
    ['@alicloud/kms20160120 1.2.0', 'kms 1.2.0, form body'],
    ['@alicloud/openapi-client 0.4.15', 'openapi-client, ACS3, query'],
  ].flatMap(([client = '', way = '']) =>
    (clients[client] ?? [])
      .filter(({ response }) => response.body.Code in provoke)
      .map((mapping) => [client, mapping.response.body.Code, way, mapping] as const),
  );

  it.each(cases)('%s makes the same of %s', async (_client, code, way, mapping) => {
    const started = await startEmulator();
    const { kind } = provoke[code] ?? {};
    if (kind) await started.admin('PUT', 'faults', { kind });
    const failed: unknown = await waysToCall(started)
      [way]?.('GetSecretValue', { SecretName: 'acs/ecs/none' })
      .catch((error: unknown) => error);
    const { statusCode, message } = mapping.error;
    expect(failed).toMatchObject({
      code: mapping.error.code,
      ...(statusCode !== null && { statusCode }),
      data: { Code: code, HttpStatus: mapping.response.status },
    });
    const start = message.slice(0, message.indexOf(mapping.response.status.toString()) + 3);
    expect((failed as Error).message.startsWith(start)).toBe(true);
  });
});
