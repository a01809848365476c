import { beforeAll, describe, expect, it } from 'vitest';
import { captureNamed, captures, isV1, readCaptureFile, replay, timeOf } from './capture.suite.js';
import type { Capture } from './capture.suite.js';
import { startEmulator } from './start-emulator.suite.js';
import type { TestEmulator } from './start-emulator.suite.js';

/** What the emulator answers to each capture, in this order; `ok` or the code of the refusal and why it is right. */
const answers: Record<string, string> = {
  'acs3-01-CreateSecret-typed': 'ok',
  'acs3-02-ListSecrets-typed': 'ok',
  'acs3-03-GetSecretValue-typed': 'ok',
  'acs3-04-DescribeSecret-typed': 'ok',
  'acs3-05-UpdateSecret-typed': 'ok',
  'acs3-06-TagResources-typed': 'ok',
  'acs3-07-GetSecretValue-sts': 'InvalidSecurityToken.MismatchWithAccessKey', // the emulator issued no such token
  'acs3-08-GetSecretValue-callApi-query': 'ok',
  'acs3-09-CreateSecret-callApi-form-body': 'Rejected.ResourceExist', // acs3-01 made it
  'acs3-10-RotateSecret-callApi-query': 'ok',
  'acs3-11-ecs-DescribeInstances': 'InvalidParameter', // a NextToken of another cloud
  'v1-01-CreateSecret-typed-query': 'InvalidParameter', // a Generic secret whose name starts with acs/
  'v1-02-ListSecrets-typed': 'ok',
  'v1-03-GetSecretValue-typed': 'ok',
  'v1-04-DescribeSecret-typed': 'ok',
  'v1-05-ListSecrets-doRequest-Filters': 'ok',
  'v1-06-CreateSecret-doRequest-form-body': 'Rejected.ResourceExist',
  'v1-07-GetSecretValue-sts': 'InvalidSecurityToken.MismatchWithAccessKey',
  'v1-08-GetSecretValue-all-in-body': 'ok',
};

async function startAt(capture: Capture): Promise<TestEmulator> {
  const started = await startEmulator();
  await started.admin('PUT', 'clock', { now: timeOf(capture).toISOString() });
  return started;
}

describe('captured requests, replayed over HTTP', () => {
  let started: TestEmulator;
  beforeAll(async () => {
    const [first] = captures;
    if (first) started = await startAt(first);
  });

  it.each(captures.map((capture) => [capture.name, capture] as const))('answers %s', async (name, capture) => {
    const { status, headers, body } = await replay(started.emulator.endpoint, capture);
    expect({ status, code: body['Code'] ?? 'ok' }).toMatchObject({ code: answers[name] });
    expect(status === 200).toBe(answers[name] === 'ok');
    expect(headers['content-type']).toBe('application/json;charset=utf-8');
    expect(headers['content-encoding']).toBeUndefined();
    expect(body['RequestId']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('refuses a captured signature under another nonce', async () => {
    const { body } = await replay(started.emulator.endpoint, refreshed(captureNamed('v1-03-GetSecretValue-typed')));
    expect(body['Code']).toBe('SignatureDoesNotMatch');
  });
});

/** The same request with another nonce and the old signature. */
function refreshed(capture: Capture): Capture {
  const queryString = capture.request.queryString.replace(/SignatureNonce=./, 'SignatureNonce=0');
  return { ...capture, request: { ...capture.request, queryString } };
}

interface NegativeCase {
  readonly base: string;
  readonly change: string;
  readonly expect: { readonly code: string; readonly httpStatus: number };
}

type Change = (request: Capture['request']) => Capture['request'];

const inQuery =
  (from: RegExp, to: string): Change =>
  (request) => ({ ...request, queryString: request.queryString.replace(from, to) });
const inHeader =
  (name: string, from: RegExp, to: string): Change =>
  (request) => ({
    ...request,
    headers: request.headers.map(([key, value]) => [key, key.toLowerCase() === name ? value.replace(from, to) : value]),
  });
const inBody: Change = (request) => ({ ...request, body: request.body.replace('web-01', 'web-02') });

/** How each change of negative-cases.json is made. */
const changes: Record<string, Change> = {
  'flip one character of the Signature query parameter': (request) => ({
    ...request,
    queryString: request.queryString.replace(/(^|&)Signature=(.)/, (_all, start: string, char: string) =>
      [start, 'Signature=', char === 'A' ? 'B' : 'A'].join(''),
    ),
  }),
  'replace SecretName value with acs/ecs/web-02': inQuery(/web-01/, 'web-02'),
  'change one byte of the form body': inBody,
  'AccessKeyId unknown to the server': inQuery(/AccessKeyId=testid/, 'AccessKeyId=nobody'),
  'drop the Signature parameter': inQuery(/(^|&)Signature=[^&]*/, ''),
  'change the Host header only': inHeader('host', /18080/, '18081'),
  'change x-acs-action to DescribeSecret': inHeader('x-acs-action', /.*/, 'DescribeSecret'),
  'remove x-acs-signature-nonce from SignedHeaders and recompute nothing': inHeader(
    'authorization',
    /x-acs-signature-nonce;/,
    '',
  ),
  'change one byte of the body, keep x-acs-content-sha256': inBody,
};

describe('changes that have to be refused', () => {
  const { cases } = readCaptureFile('negative-cases.json') as { cases: NegativeCase[] };
  const changed = cases.filter(({ base }) => base !== 'any');

  it.each(changed.map((one) => [one.change, one] as const))('refuses: %s', async (change, one) => {
    const capture = captureNamed(one.base);
    const make = changes[change];
    if (!make) throw new Error('a negative case that this test does not know');
    const { emulator } = await startAt(capture);
    const request = make(capture.request);
    expect(request).not.toEqual(capture.request);
    const { status, body } = await replay(emulator.endpoint, { ...capture, request });
    expect(one.expect.code.split(' ')).toContain(body['Code']);
    expect(status).toBe(one.expect.httpStatus);
    expect(body).toMatchObject({ HttpStatus: status, HostId: 'kms.cn-hangzhou.aliyuncs.com' });
    expect(JSON.stringify(body)).not.toContain('string to sign'); // would hold every parameter
  });

  const both = [captureNamed('v1-03-GetSecretValue-typed'), captureNamed('acs3-03-GetSecretValue-typed')];

  it.each(both.map((capture) => [capture.name, capture] as const))('refuses %s sent twice', async (_name, capture) => {
    const { emulator } = await startAt(capture);
    const first = await replay(emulator.endpoint, capture);
    expect(first.body['Code']).toBe('Forbidden.ResourceNotFound');
    const second = await replay(emulator.endpoint, capture);
    expect(second).toMatchObject({ status: 400, body: { Code: 'SignatureNonceUsed' } });
  });

  it.each(both.map((capture) => [capture.name, capture] as const))(
    'refuses %s outside 15 minutes',
    async (_n, capture) => {
      const { emulator, admin } = await startAt(capture);
      for (const seconds of [901, -901]) {
        await admin('PUT', 'clock', { now: new Date(timeOf(capture).getTime() + seconds * 1_000).toISOString() });
        const { status, body } = await replay(emulator.endpoint, capture);
        expect({ status, code: body['Code'] }).toEqual({ status: 400, code: 'InvalidTimeStamp.Expired' });
      }
      await admin('PUT', 'clock', { now: new Date(timeOf(capture).getTime() + 890_000).toISOString() });
      expect((await replay(emulator.endpoint, capture)).body['Code']).toBe('Forbidden.ResourceNotFound');
    },
  );

  it('has a way to make each of them', () => {
    expect(captures.filter(isV1).length).toBeGreaterThan(0);
    expect(changed.map(({ change }) => change).filter((change) => !(change in changes))).toEqual([]);
  });
});
