import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import type EcsSdk from '@alicloud/ecs20140526';
import type KmsSdk from '@alicloud/kms20160120';
import type OpenApiSdk from '@alicloud/openapi-client';
import type TeaUtil from '@alicloud/tea-util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// CommonJS packages, whose default export Node and Vitest show differently when imported.
const require = createRequire(import.meta.url);
export const ecs = require('@alicloud/ecs20140526') as typeof EcsSdk;
export const kms = require('@alicloud/kms20160120') as typeof KmsSdk;
export const openApi = require('@alicloud/openapi-client') as typeof OpenApiSdk;
const tea = require('@alicloud/tea-util') as typeof TeaUtil;

export type Fields = Record<string, string>;
type Result = Record<string, unknown>;
/** Calls one operation of KMS. */
export type Call = (action: string, parameters: Fields) => Promise<Result>;

/** A cloud, and what is there to be used. */
export interface SdkTarget {
  /** `endpoint` and `protocol` of KMS, `regionId`, `accessKeyId`, `accessKeySecret`: as all SDKs take them. */
  readonly config: Fields;
  /** Of ECS; without it, the one that the SDK knows for the region. */
  readonly ecsEndpoint?: string;
  /** What the names of its secrets begin with, `acs/ecs/` when it does not matter. */
  readonly namePrefix?: string;
  readonly instanceId: string;
  readonly userName: string;
  /** Without them, the cloud chooses. */
  readonly encryptionKeyId?: string;
  readonly kmsInstanceId?: string;
}

export const runtime = new tea.RuntimeOptions({ connectTimeout: 30_000, readTimeout: 30_000 });
export const hardPassword = `p@ss w*rd(1)!'~+%&="\\ ü`;

export function kmsClient({ config }: SdkTarget): InstanceType<typeof kms.default> {
  return new kms.default({ ...config, type: 'access_key' } as never);
}

export function openApiClient({ config }: SdkTarget, more: Fields = {}): InstanceType<typeof openApi.default> {
  return new openApi.default(new openApi.Config({ ...config, ...more }));
}

/** Each way that the SDKs have to call an operation that they do not know. */
export function waysToCall(target: SdkTarget): Record<string, Call> {
  const legacy = kmsClient(target);
  const generic =
    (more: Fields, place: 'query' | 'body'): Call =>
    async (action, parameters) => {
      const params = new openApi.Params({
        ...{ action, version: '2016-01-20', protocol: 'HTTPS', pathname: '/', method: 'POST', authType: 'AK' },
        ...{ style: 'RPC', reqBodyType: 'formData', bodyType: 'json' },
      });
      const request = new openApi.OpenApiRequest({ [place]: parameters });
      const answer = await openApiClient(target, more).callApi(params, request, runtime);
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

export function newSecret(target: SdkTarget, name: string): Fields {
  const { config, instanceId, userName, encryptionKeyId, kmsInstanceId } = target;
  return {
    SecretName: name,
    VersionId: 'v1',
    SecretType: 'ECS',
    SecretData: JSON.stringify({ UserName: userName, Password: hardPassword }),
    ExtendedConfig: JSON.stringify({
      SecretSubType: 'Password',
      RegionId: config['regionId'],
      InstanceId: instanceId,
      CustomData: { owner: 'ops' },
    }),
    ...(encryptionKeyId !== undefined && { EncryptionKeyId: encryptionKeyId }),
    ...(kmsInstanceId !== undefined && { DKMSInstanceId: kmsInstanceId }),
    EnableAutomaticRotation: 'true',
    RotationInterval: '7d',
    Tags: JSON.stringify([{ TagKey: 'env', TagValue: 'prod' }]),
  };
}

/** What the real SDKs get from a cloud, the emulated or the real one. What it makes, it removes, also after a failure. */
export function sdkSuite(name: string, open: () => Promise<SdkTarget>): void {
  describe(name, () => {
    let target: SdkTarget;
    let ways: Record<string, Call>;
    const made: string[] = [];
    const newName = (): string => `${target.namePrefix ?? 'acs/ecs/'}${randomUUID()}`;
    const create = (call: Call, secretName: string): Promise<Result> => {
      made.push(secretName);
      return call('CreateSecret', newSecret(target, secretName));
    };
    beforeAll(async () => {
      target = await open();
      ways = waysToCall(target);
    });
    afterAll(async () => {
      const call = ways['kms 1.2.0, form body'];
      const left: string[] = [];
      for (const SecretName of made)
        await call?.('DeleteSecret', { SecretName, ForceDeleteWithoutRecovery: 'true' }).catch((error: unknown) => {
          const { Code } = (error as { data?: { Code?: string } }).data ?? {};
          if (Code !== 'Forbidden.ResourceNotFound') left.push(`${SecretName} (${Code ?? 'no answer'})`);
        });
      if (left.length > 0) throw new Error(`left in KMS, to be deleted by hand: ${left.join(', ')}`);
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
      const secretName = newName();
      const created = await create(call, secretName);
      expect(created).toMatchObject({
        SecretName: secretName,
        VersionId: 'v1',
        SecretType: 'ECS',
        ...(target.kmsInstanceId !== undefined && { DKMSInstanceId: target.kmsInstanceId }),
        AutomaticRotation: 'Enabled',
        RotationInterval: '604800s',
      });
      expect(created['Arn']).toMatch(/^acs:kms:[a-z0-9-]+:\d{16}:secret\/acs\/ecs\//);

      const value = await call('GetSecretValue', {
        SecretName: String(created['Arn']),
        VersionId: 'ignored',
        FetchExtendedConfig: 'true',
      });
      const { userName: UserName, instanceId } = target;
      expect(JSON.parse(String(value['SecretData']))).toEqual({ UserName, Password: hardPassword });
      expect(value).toMatchObject({ VersionId: 'v1', VersionStages: { VersionStage: ['ACSCurrent'] } });
      expect(value).not.toHaveProperty('LastRotationDate');
      expect(JSON.parse(String(value['ExtendedConfig']))).toMatchObject({
        SecretSubType: 'Password',
        InstanceId: instanceId,
        CustomData: { owner: 'ops' },
        CommandId: expect.stringMatching(/^cmd-ACS-KMS-RotateECSSecret/) as string,
      });

      await call('DeleteSecret', { SecretName: secretName, ForceDeleteWithoutRecovery: 'true' });
      await expect(call('GetSecretValue', { SecretName: secretName })).rejects.toMatchObject({
        data: { Code: 'Forbidden.ResourceNotFound', HttpStatus: 404 },
      });
    });

    it('read a secret by the typed calls of kms 1.2.0', async () => {
      const secretName = newName();
      const { EncryptionKeyId } = newSecret(target, secretName);
      const call = ways['kms 1.2.0, form body'];
      if (call) await create(call, secretName);
      const client = kmsClient(target);
      const value = await client.getSecretValue(
        new kms.GetSecretValueRequest({ secretName, versionStage: 'ACSCurrent' }),
      );
      expect(JSON.parse(value.secretData)).toMatchObject({ Password: hardPassword });
      const described = await client.describeSecret(new kms.DescribeSecretRequest({ secretName, fetchTags: 'true' }));
      if (EncryptionKeyId !== undefined) expect(described.encryptionKeyId).toBe(EncryptionKeyId);
      expect(described.tags.tag).toMatchObject([{ tagKey: 'env', tagValue: 'prod' }]);
      const versions = await client.listSecretVersionIds(new kms.ListSecretVersionIdsRequest({ secretName }));
      expect(versions.versionIds.versionId.map(({ versionId }) => versionId)).toEqual(['v1']);
    });

    it('find an instance by its id with ecs 7.11', async () => {
      const { config, ecsEndpoint, instanceId } = target;
      const client = new ecs.default({ ...config, endpoint: ecsEndpoint } as never);
      const find = async (ids: string[]) => {
        const request = { regionId: config['regionId'] ?? '', instanceIds: JSON.stringify(ids), maxResults: 100 };
        const { body } = await client.describeInstances(new ecs.DescribeInstancesRequest(request));
        return (body?.instances?.instance ?? []).map((one) => one.instanceId);
      };
      expect(await find([instanceId])).toEqual([instanceId]);
      expect(await find([`i-${randomUUID()}`])).toEqual([]);
    });
  });
}
