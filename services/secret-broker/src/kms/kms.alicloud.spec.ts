import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Secret } from '@sallyport/secret';
import { logger } from '@sallyport/telemetry';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../clock.js';
import { StaticKey, type AccessKeySource } from './credentials.alicloud.js';
import { KmsAdministrationClient } from './kms-administration-client.js';
import { KmsCalls } from './kms-calls.js';
import { KmsPace } from './kms-pace.js';
import { AlicloudGateway } from './kms.alicloud.js';

/** Proxies and access logs keep URLs. */
describe('the URL of a call to KMS', () => {
  const seen: { url: string; body: string }[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      seen.push({ url: request.url ?? '', body });
      response.setHeader('content-type', 'application/json').end('{"RequestId":"r-1"}');
    });
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => server.close());
  beforeEach(() => (seen.length = 0));

  const password = `hunter2${randomUUID()}`;
  const create = async (parametersIn: 'body' | 'query'): Promise<void> => {
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const accessKey = new StaticKey('testid', Secret.of('testsecret'));
    const gateway = new AlicloudGateway({ endpoint, parametersIn, accessKey });
    const pace = new KmsPace({ quotaPercent: 50, maxInFlight: 8 });
    const patience = { tries: 1, tryMs: 10_000, totalMs: 10_000 };
    const calls = new KmsCalls(gateway, pace, patience, new SystemClock(), logger('test', 'silent'));
    await new KmsAdministrationClient(calls).create({
      ...{ name: 'acs/ecs/web', regionId: 'cn-hangzhou', instanceId: 'i-1', versionId: 'v1', kind: 'password' },
      data: Secret.of(JSON.stringify({ UserName: 'root', Password: password })),
      description: 'a description',
    });
  };

  it('has neither a value nor anything else of the secret', async () => {
    await create('body');
    expect(seen).toHaveLength(1);
    const [{ url, body } = { url: '', body: '' }] = seen;
    expect(body).toContain(password);
    expect(url).toContain('Signature=');
    for (const part of [password, 'SecretData', 'acs%2Fecs', 'description']) expect(url).not.toContain(part);
  });

  it('has all of it only where that is set, for a gateway that takes no forms', async () => {
    await create('query');
    expect(seen.map(({ url }) => url.includes(password))).toEqual([true]);
  });
});

it('one client for each region serves all calls there, until the access key is another', async () => {
  let id = 'first';
  const accessKey: AccessKeySource = { current: () => Promise.resolve({ id, secret: 'x' }), renew: () => false };
  const made: string[] = [];
  const settings = { endpoint: 'https://kms.{region}.aliyuncs.com', parametersIn: 'body', accessKey } as const;
  const gateway = new AlicloudGateway(settings, ({ address }, key) => {
    made.push(`${key.id} ${address}`);
    return { doRequest: () => Promise.resolve({ by: made.length }) };
  });
  const call = (regionId: string) =>
    gateway.call({ regionId, action: 'GetSecretValue', parameters: {}, timeoutMs: 5_000 });

  expect(await call('cn-hangzhou')).toEqual({ by: 1 });
  await call('cn-beijing');
  await call('cn-hangzhou');
  expect(made).toEqual(['first kms.cn-hangzhou.aliyuncs.com', 'first kms.cn-beijing.aliyuncs.com']);
  id = 'second';
  await call('cn-hangzhou');
  await call('cn-hangzhou');
  expect(made.slice(2)).toEqual(['second kms.cn-hangzhou.aliyuncs.com']);
});
