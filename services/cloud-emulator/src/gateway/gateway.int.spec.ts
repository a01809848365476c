import { get, request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { waitFor } from '@sallyport/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { call, passwordSecret, send } from '../signed-request.suite.js';
import type { Keys } from '../signed-request.suite.js';
import { startEmulator } from '../start-emulator.suite.js';
import type { TestEmulator } from '../start-emulator.suite.js';

const SecretName = 'acs/ecs/web-01';

describe('the gateway', () => {
  let started: TestEmulator;
  let endpoint: string;
  beforeEach(async () => {
    started = await startEmulator();
    endpoint = started.emulator.endpoint;
    await call(endpoint, 'CreateSecret', passwordSecret());
  });
  const read = () => call(endpoint, 'GetSecretValue', { SecretName });
  const fault = (body: unknown): Promise<unknown> => started.admin('PUT', 'faults', body);

  it.each([
    ['429', 429, 'Rejected.Throttling'],
    ['500', 500, 'InternalFailure'],
    ['503', 503, 'ServiceUnavailableTemporary'],
    ['expired-sts', 404, 'InvalidAccessKeyId.NotFound'],
    ['disabled-key', 409, 'Rejected.Disabled'],
    ['denied', 403, 'Forbidden.NoPermission'],
    ['key-denied', 403, 'Forbidden.NoPermission'],
    ['clock-skew', 400, 'InvalidTimeStamp.Expired'],
    ['bad-signature', 400, 'SignatureDoesNotMatch'],
  ])('answers the fault %s with %i %s, as often as told', async (kind, status, code) => {
    await fault({ kind, operation: 'GetSecretValue', count: 2 });
    for (let time = 1; time <= 2; time += 1) expect(await read()).toMatchObject({ status, body: { Code: code } });
    expect((await read()).status).toBe(200);
    await fault({ kind, operation: 'DescribeSecret' });
    expect((await read()).status).toBe(200);
  });

  it('answers a caller without permission for ECS with an empty list', async () => {
    await fault({ kind: 'denied' });
    const { status, body } = await call(endpoint, 'DescribeInstances', { RegionId: 'cn-hangzhou' }, '2014-05-26');
    expect({ status, body }).toMatchObject({ status: 200, body: { Instances: { Instance: [] }, TotalCount: 0 } });
  });

  it('breaks answers: reset, cut off, not JSON', async () => {
    await fault([
      { kind: 'reset', count: 1 },
      { kind: 'truncated', count: 1 },
      { kind: 'not-json', count: 1 },
    ]);
    await expect(read()).rejects.toThrow('fetch failed');
    await expect(read()).rejects.toThrow();
    await expect(read()).rejects.toThrow(SyntaxError);
    expect((await read()).status).toBe(200);
  });

  it('does not do what it resets, and does what it cuts off', async () => {
    await fault({ kind: 'reset', count: 1 });
    await expect(call(endpoint, 'DeleteSecret', { SecretName })).rejects.toThrow();
    expect((await read()).status).toBe(200);
    await fault({ kind: 'truncated', count: 1 });
    await expect(call(endpoint, 'DeleteSecret', { SecretName })).rejects.toThrow();
    expect((await read()).body['Code']).toBe('Rejected.ResourceInDeleteWindow');
  });

  it('delays, until the faults are taken back', async () => {
    await fault({ kind: 'delay', delayMs: 600_000 });
    let settled = false;
    void read()
      .catch(() => undefined) // when the emulator stops
      .finally(() => (settled = true));
    const counted = async (): Promise<boolean> => {
      const { calls } = (await started.admin('GET', 'calls')) as { calls: Record<string, number> };
      return calls['GetSecretValue'] === 1;
    };
    await waitFor(counted, { what: 'the call to come in' });
    await started.admin('DELETE', 'faults');
    expect((await read()).status).toBe(200);
    expect(settled).toBe(false);
    await fault({ kind: '500', rate: 0 });
    expect((await read()).status).toBe(200);
  });

  it('counts calls and refusals by operation', async () => {
    await read();
    await read();
    await call(endpoint, 'GetSecretValue', { SecretName: 'acs/ecs/none' });
    expect(await started.admin('GET', 'calls')).toEqual({
      calls: { CreateSecret: 1, GetSecretValue: 3 },
      errors: { GetSecretValue: { 'Forbidden.ResourceNotFound': 1 } },
    });
  });

  it('refuses more calls than the quota', async () => {
    await started.admin('PUT', 'rules', { quotaScale: 0.001 }); // of DeleteSecret one at once, and the next after 100 s
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => call(endpoint, 'DeleteSecret', { SecretName: 'acs/ecs/none' })),
    );
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(9);
    expect(replies.find(({ status }) => status === 429)?.body).toMatchObject({
      Code: 'Rejected.Throttling',
      HttpStatus: 429,
      Message: 'QPS Limit Exceeded',
    });
  });

  it('counts the calls of each account, and of each kind of operation, apart', async () => {
    const accountId = '2000000000000002';
    const eve = (await started.admin('PUT', 'ram/users/eve', {
      accountId,
      policies: ['AliyunKMSFullAccess'],
    })) as never;
    await started.admin('PUT', 'rules', { quotaScale: 0.0001 }); // one call, and the next after 20 s or more
    const status = async (action: string, keys?: Keys) =>
      (await call(endpoint, action, { SecretName }, '2016-01-20', keys)).status;
    expect([await status('DescribeSecret'), await status('DescribeSecret')]).toEqual([200, 429]);
    expect([await status('ListSecrets'), await status('ListSecrets')]).toEqual([200, 429]);
    expect([await status('ListSecrets', eve), await status('ListSecrets', eve)]).toEqual([200, 429]);
  });

  it('ends a body that is far too long, and goes on', async () => {
    const ended = new Promise<unknown>((resolve) => {
      const [host = '', port = ''] = endpoint.split(':');
      const sent = request({ host, port, method: 'POST', path: '/' }, ({ statusCode }) => {
        resolve(statusCode);
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code);
      });
      sent.end(Buffer.alloc(50 * 1024 * 1024, 'x'));
    });
    expect([413, 'ECONNRESET', 'EPIPE']).toContain(await ended);
    expect((await read()).status).toBe(200);
  });

  it('refuses what is not a call', async () => {
    const answer = async (init: RequestInit, path = '/'): Promise<[number, unknown]> => {
      const response = await fetch(`http://${endpoint}${path}`, init);
      return [response.status, ((await response.json()) as { Code: string }).Code];
    };
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await answer({ method: 'PUT' })).toEqual([403, 'UnsupportedHTTPMethod']);
    expect(await answer({})).toEqual([400, 'MissingVersion']);
    expect(await answer({}, '/?Version=2016-01-20')).toEqual([400, 'MissingAction']);
    expect(await answer({}, '/?Version=2016-01-20&Action=ListSecrets')).toEqual([400, 'MissingAccessKeyId']);
    expect(await answer({}, '/other?Version=2016-01-20&Action=ListSecrets')).toEqual([404, 'InvalidApi.NotFound']);
    expect(await answer({}, '/?Version=2016-01-20&Version=2014-05-26')).toEqual([400, 'InvalidParameter']);
    expect(await answer({ method: 'POST', headers: form, body: 'Action=%ZZ' })).toEqual([400, 'InvalidParameter']);
    expect(await answer({ method: 'POST', headers: form, body: Buffer.from('Action=\xfc', 'latin1') })).toEqual([
      400,
      'InvalidParameter',
    ]);
    expect(await answer({ method: 'POST', headers: form, body: 'Version=1' }, '/?Version=1')).toEqual([
      400,
      'InvalidParameter',
    ]);
    const acs3 = { authorization: 'ACS3-HMAC-SHA256 x', 'x-acs-action': 'ListSecrets', 'x-acs-version': '2016-01-20' };
    expect(await answer({ headers: acs3 })).toEqual([400, 'IncompleteSignature']);
    expect((await fetch(`http://${endpoint}/`, { method: 'POST', body: 'x'.repeat(2_000_000) })).status).toBe(413);
  });

  it('says what was to be signed only when the rules are told so', async () => {
    const wrong = async (): Promise<string> => {
      const good = await send(endpoint, 'ListSecrets', {});
      expect(good.status).toBe(200);
      const query = new URLSearchParams({
        ...{ Action: 'GetSecretValue', Version: '2016-01-20', AccessKeyId: 'testid', SecretName, Signature: 'AAAA' },
        ...{ SignatureMethod: 'HMAC-SHA1', SignatureVersion: '1.0', SignatureNonce: '1' },
        Timestamp: `${new Date().toISOString().slice(0, 19)}Z`,
      });
      return (await fetch(`http://${endpoint}/?${query.toString()}`)).text();
    };
    expect(await wrong()).not.toContain('server string to sign');
    await started.admin('PUT', 'rules', { echoStringToSign: true });
    expect(await wrong()).toContain('server string to sign is:GET&%2F&');
  });
});

describe('the admin API', () => {
  it('keeps browsers out', async () => {
    const { emulator } = await startEmulator();
    const state = `http://${emulator.endpoint}/__emulator/state`;
    expect((await fetch(state)).status).toBe(200);
    expect((await fetch(state, { headers: { origin: 'http://evil.example' } })).status).toBe(403);
    expect((await fetch(`http://${emulator.endpoint}/__emulator/none`)).status).toBe(404);
    expect((await fetch(state, { method: 'PUT' })).status).toBe(405);
    expect((await fetch(state.replace('state', 'rules'), { method: 'PUT', body: '{"x":1}' })).status).toBe(400);
  });

  it('is for this machine alone: listens on loopback, and answers to no other name', async () => {
    const { emulator } = await startEmulator();
    const [host = '', port = ''] = emulator.endpoint.split(':');
    const statusFor = (name: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const options = { host, port, path: '/__emulator/state', headers: { host: name } };
        get(options, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on('error', reject);
      });
    expect(await statusFor(`localhost:${port}`)).toBe(200);
    expect(await statusFor('kms.cn-hangzhou.aliyuncs.com')).toBe(403);
    const outside = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    // 127.0.0.2 answers for what listens on all addresses, also on a machine without a network.
    for (const address of [...outside.map((one) => one.address), '127.0.0.2']) {
      await expect(fetch(`http://${address}:${port}/__emulator/state`)).rejects.toThrow('fetch failed');
    }
  });

  it('refuses a clock and a policy that it could not go on with', async () => {
    const { admin, emulator } = await startEmulator();
    for (const offsetMs of [9e15, -9e15]) await expect(admin('PUT', 'clock', { offsetMs })).rejects.toThrow('400');
    const Statement = [{ Effect: 'Allow', Action: '*', Resource: '*' }];
    await expect(admin('PUT', 'ram/policies/__proto__', { Version: '1', Statement })).rejects.toThrow('400');
    expect((await call(emulator.endpoint, 'ListSecrets', {})).status).toBe(200);
  });

  it('wants its token when it has one', async () => {
    const { emulator } = await startEmulator(undefined, { SALLYPORT_EMULATOR_ADMIN_TOKEN: 'let-me-in' });
    const state = `http://${emulator.endpoint}/__emulator/state`;
    expect((await fetch(state)).status).toBe(401);
    expect((await fetch(state, { headers: { authorization: 'Bearer let-me-in' } })).status).toBe(200);
  });

  it('registers, changes and removes other machines', async () => {
    const { admin, emulator } = await startEmulator();
    const path = 'instances/i-real1';
    await expect(admin('PUT', path, { name: 'only' })).rejects.toThrow('400');
    await admin('PUT', path, { name: 'db', address: '10.0.0.9', port: 2222, regionId: 'cn-hangzhou' });
    await admin('PUT', path, { name: 'db-1', tags: [{ key: 'env', value: 'test' }], assistant: { command: ['true'] } });
    const described = async (): Promise<unknown> => {
      const filter = { RegionId: 'cn-hangzhou', InstanceIds: '["i-real1"]' };
      const { body } = await call(emulator.endpoint, 'DescribeInstances', filter, '2014-05-26');
      return (body['Instances'] as { Instance: unknown[] }).Instance[0];
    };
    expect(await described()).toMatchObject({
      InstanceName: 'db-1',
      VpcAttributes: { PrivateIpAddress: { IpAddress: ['10.0.0.9'] } },
      Tags: {
        Tag: [
          { TagKey: 'env', TagValue: 'test' },
          { TagKey: 'sallyport:ssh-port', TagValue: '2222' },
        ],
      },
    });
    await admin('DELETE', path);
    expect(await described()).toBeUndefined();
    await expect(admin('DELETE', path)).rejects.toThrow('404');
  });
});
