import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCaptureFile } from './capture.suite.js';
import {
  ecs,
  hardPassword,
  kms,
  kmsClient,
  openApi,
  openApiClient,
  runtime,
  sdkSuite,
  waysToCall,
} from './sdk.suite.js';
import type { Fields, SdkTarget } from './sdk.suite.js';
import { captured, startEmulator, theInstance } from './start-emulator.suite.js';
import type { TestEmulator } from './start-emulator.suite.js';

const { accessKeyId, accessKeySecret, instanceId, encryptionKeyId, kmsInstanceId } = captured;

function targetOf({ emulator: { endpoint } }: TestEmulator): SdkTarget {
  const config = { accessKeyId, accessKeySecret, endpoint, protocol: 'http', regionId: 'cn-hangzhou' };
  return { config, ecsEndpoint: endpoint, instanceId, userName: 'root', encryptionKeyId, kmsInstanceId };
}

sdkSuite('the real SDKs', async () => {
  const started = await startEmulator();
  return { ...targetOf(started), instanceId: (await theInstance(started.admin)).instanceId };
});

describe('the real SDKs, on what is in the emulator', () => {
  let started: TestEmulator;
  let target: SdkTarget;
  beforeAll(async () => {
    started = await startEmulator();
    target = targetOf(started);
  });

  it('list secrets, and make a Generic one with a value in the URL, by the typed calls of kms 1.2.0', async () => {
    const client = kmsClient(target);
    const secretName = 'plain';
    const generic = new kms.CreateSecretRequest({ secretName, versionId: '1', secretData: 'x'.repeat(30_720) });
    expect((await client.createSecret(generic)).secretName).toBe(secretName);
    const listed = await client.listSecrets(
      new kms.ListSecretsRequest({ fetchTags: 'true', pageNumber: 1, pageSize: 100 }),
    );
    expect(listed.secretList.secret.map((secret) => secret.secretName)).toContain(secretName);
  });

  it('list instances page by page with ecs 7.11', async () => {
    for (let number = 1; number <= 12; number += 1) {
      const place = { name: `extra-${number}`, address: '10.0.0.1', port: 22, regionId: 'cn-hangzhou' };
      await started.admin('PUT', `instances/i-extra${number}`, place);
    }
    const client = new ecs.default({ ...target.config } as never);
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

  const ways = ['kms 1.2.0, form body', 'openapi-client, ACS3, query', 'openapi-client, V1'];
  it.each(ways)('change versions, stages, aliases, keys and numbered tags: %s', async (way) => {
    const call = waysToCall(target)[way];
    if (!call) throw new Error('no such way');
    const SecretName = `plain/${randomUUID()}`;
    await call('CreateSecret', { SecretName, VersionId: '1', SecretData: 'one' });
    const put = { SecretName, VersionId: '2', SecretData: hardPassword, VersionStages: '["ACSCurrent","green"]' };
    expect(await call('PutSecretValue', put)).toMatchObject({ VersionId: '2' });
    await call('UpdateSecretVersionStage', { SecretName, VersionStage: 'green', MoveToVersion: '1' });
    const value = async (VersionStage: string) =>
      (await call('GetSecretValue', { SecretName, VersionStage }))['SecretData'];
    expect([await value('ACSCurrent'), await value('green')]).toEqual([hardPassword, 'one']);

    const { KeyMetadata } = (await call('CreateKey', {})) as { KeyMetadata: { KeyId: string } };
    const { KeyId } = KeyMetadata;
    const AliasName = `alias/${randomUUID()}`;
    await call('CreateAlias', { KeyId, AliasName });
    await call('DisableKey', { KeyId });
    const described = () => call('DescribeKey', { KeyId: AliasName });
    expect(await described()).toMatchObject({ KeyMetadata: { KeyId, KeyState: 'Disabled' } });
    await call('EnableKey', { KeyId });
    expect(await described()).toMatchObject({ KeyMetadata: { KeyState: 'Enabled' } });
    await call('DeleteAlias', { AliasName });
    await expect(described()).rejects.toMatchObject({ data: { Code: 'Forbidden.AliasNotFound' } });

    for (const [ResourceType, id] of [
      ['secret', SecretName],
      ['key', KeyId],
    ] as const) {
      const which = { RegionId: 'cn-hangzhou', ResourceType, 'ResourceId.1': id };
      const text = `a b+c=d:@/ü`;
      await call('TagResources', { ...which, 'Tag.1.Key': 'one', 'Tag.1.Value': text, 'Tag.2.Key': 'two' });
      await call('UntagResources', { ...which, 'TagKey.1': 'two' });
      const row = { ResourceId: id, ResourceType, TagKey: 'one', TagValue: text };
      expect(await call('ListTagResources', which)).toMatchObject({ TagResources: { TagResource: [row] } });
    }
  });

  it('take temporary credentials, until they expire', async () => {
    const issued = (await started.admin('GET', 'sts')) as Fields;
    const client = openApiClient(target, {
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
    const failed: unknown = await waysToCall(targetOf(started))
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
