import { createHash, createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { captured } from '../start-emulator.suite.js';
import { captures, isV1, rawRequestOf, readCaptureFile, timeOf } from '../capture.suite.js';
import type { Capture } from '../capture.suite.js';
import { apiTime, Clock } from '../clock.js';
import type { Caller } from '../ram/principal.js';
import { ApiError } from './api-error.js';
import { CallerCheck } from './check-caller.js';
import { KeyRing } from './key-ring.js';
import { parseForm } from './percent-encoding.js';
import { canonicalRequest, readAcs3Call } from './signature-acs3.js';
import { readV1Call, v1Mac, v1StringToSign } from './signature-v1.js';
import { hasFormBody } from './signed-call.js';
import type { SignedCall } from './signed-call.js';

function readCall(capture: Capture): SignedCall {
  const raw = rawRequestOf(capture);
  const query = parseForm(raw.queryString);
  const all = new Map([...query, ...(hasFormBody(raw) ? parseForm(raw.body.toString()) : [])]);
  return isV1(capture) ? readV1Call(raw.method, all) : readAcs3Call(raw, query, all);
}

describe('signatures of the wire captures', () => {
  it('finds all of them', () => {
    const { files } = readCaptureFile('index.json') as { files: { file: string }[] };
    const listed = files.map(({ file }) => file).filter((file) => /^(v1|acs3)-/.test(file));
    expect(captures.map(({ name }) => `${name}.json`)).toEqual([...listed].sort());
  });

  it.each(captures.map((capture) => [capture.name, capture] as const))(
    'signs the same text as %s',
    (_name, capture) => {
      const call = readCall(capture);
      expect(call.stringToSign).toBe(capture.expected.stringToSign);
      expect(call.verify(capture.accessKeySecret)).toBe(true);
      expect(call.verify(`${capture.accessKeySecret}x`)).toBe(false);
    },
  );

  it.each(captures.map((capture) => [capture.name, capture] as const))('knows the caller of %s', (name, capture) => {
    const session = { securityToken: captured.securityToken, expiresAt: new Date('2099-01-01') };
    const { accessKeyId, accessKeySecret } = capture;
    const caller: Caller = { principal: { accountId: '1'.repeat(16), kind: 'root', name: '' } };
    const keys = new KeyRing([
      { accessKeyId, accessKeySecret, active: true, caller, ...(name.endsWith('-sts') && { session }) },
    ]);
    const clock = new Clock(() => timeOf(capture).getTime());
    const check = new CallerCheck(keys, clock, () => false);
    expect(check.check(readCall(capture))).toBe(caller);
    expect(() => {
      check.check(readCall(capture));
    }).toThrow(expect.objectContaining({ code: 'SignatureNonceUsed' }));
  });
});

/** A call like one of the SDKs', signed for what is given here. */
function signedCall(changes: { headers?: Record<string, string>; leaveOut?: string; body?: string } = {}): SignedCall {
  const body = Buffer.from(changes.body ?? 'SecretName=a');
  const headers = new Map(
    Object.entries({
      host: '127.0.0.1:1',
      'content-type': 'application/x-www-form-urlencoded',
      'x-acs-action': 'GetSecretValue',
      'x-acs-version': '2016-01-20',
      'x-acs-date': '2026-01-01T00:00:00Z',
      'x-acs-signature-nonce': 'n',
      'x-acs-content-sha256': createHash('sha256').update(body).digest('hex'),
      ...changes.headers,
    }),
  );
  const signedHeaders = [...headers.keys()]
    .filter((name) => name !== changes.leaveOut)
    .sort()
    .join(';');
  const request = { method: 'POST', path: '/', queryString: '', headers, body, remoteAddress: '127.0.0.1' };
  const hash = createHash('sha256').update(body).digest('hex');
  const canonical = canonicalRequest(request, new Map(), signedHeaders, hash);
  const text = `ACS3-HMAC-SHA256\n${createHash('sha256').update(canonical).digest('hex')}`;
  const signature = createHmac('sha256', captured.accessKeySecret).update(text).digest('hex');
  headers.set(
    'authorization',
    `ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=${signedHeaders},Signature=${signature}`,
  );
  return readAcs3Call(request, new Map(), new Map());
}

describe('a good signature', () => {
  it('is not enough when a header is left out of it', () => {
    expect(signedCall().verify(captured.accessKeySecret)).toBe(true);
    const names = ['host', 'content-type', 'x-acs-action', 'x-acs-version', 'x-acs-date', 'x-acs-signature-nonce'];
    for (const leaveOut of [...names, 'x-acs-content-sha256'])
      expect([leaveOut, signedCall({ leaveOut }).verify(captured.accessKeySecret)]).toEqual([leaveOut, false]);
    const headers = { 'x-acs-security-token': 'token' };
    expect(signedCall({ headers, leaveOut: 'x-acs-security-token' }).verify(captured.accessKeySecret)).toBe(false);
    expect(signedCall({ headers }).verify(captured.accessKeySecret)).toBe(true);
  });

  it('is not enough when the body is not the one that was hashed', () => {
    const headers = { 'x-acs-content-sha256': createHash('sha256').update('another').digest('hex') };
    expect(signedCall({ headers }).verify(captured.accessKeySecret)).toBe(false);
  });
});

describe('the checks of a caller', () => {
  const at = new Date('2026-01-01T00:00:00Z').getTime();
  const caller: Caller = { principal: { accountId: '1'.repeat(16), kind: 'root', name: '' } };
  const [known, inactive] = ['known', 'inactive'].map((accessKeyId) => ({
    ...{ accessKeyId, accessKeySecret: 'right', caller },
    active: accessKeyId === 'known',
  }));
  if (!known || !inactive) throw new Error('two keys');
  let now: number;
  let check: CallerCheck;
  beforeEach(() => {
    now = at;
    check = new CallerCheck(new KeyRing([known, inactive]), new Clock(() => now), () => false);
  });
  const outcome = (changes: { key?: string; secret?: string; sentAt?: number; nonce?: string }): string => {
    const call: SignedCall = {
      algorithm: 'HMAC-SHA1',
      accessKeyId: changes.key ?? 'known',
      securityToken: undefined,
      timestamp: apiTime(new Date(changes.sentAt ?? now)),
      nonce: changes.nonce ?? 'n',
      stringToSign: '',
      parameters: new Map(),
      verify: (accessKeySecret) => accessKeySecret === (changes.secret ?? 'right'),
    };
    try {
      expect(check.check(call)).toBe(caller);
      return 'OK';
    } catch (error) {
      return error instanceof ApiError ? error.code : String(error);
    }
  };

  it('come in their order: key, active, time, signature, nonce', () => {
    const late = at - 3_600_000;
    expect(outcome({ key: 'nobody', secret: 'wrong', sentAt: late })).toBe('InvalidAccessKeyId.NotFound');
    expect(outcome({ key: 'inactive', secret: 'wrong', sentAt: late })).toBe('InvalidAccessKeyId.Inactive');
    expect(outcome({ secret: 'wrong', sentAt: late })).toBe('InvalidTimeStamp.Expired');
    expect(outcome({})).toBe('OK');
    expect(outcome({ secret: 'wrong' })).toBe('SignatureDoesNotMatch');
    expect(outcome({})).toBe('SignatureNonceUsed');
  });

  it('do not take a nonce from who did not sign', () => {
    expect(outcome({ secret: 'wrong' })).toBe('SignatureDoesNotMatch');
    expect(outcome({})).toBe('OK');
  });

  it('remember the nonce of a call that was dated ahead, for as long as it could be sent again', () => {
    const sentAt = at + 14 * 60_000;
    expect(outcome({ sentAt })).toBe('OK');
    now = at + 28 * 60_000;
    expect(outcome({ sentAt })).toBe('SignatureNonceUsed');
    now = at + 30 * 60_000;
    expect(outcome({ sentAt })).toBe('InvalidTimeStamp.Expired');
  });
});

interface PublishedVector {
  readonly source: string;
  readonly method: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly signature: string;
  readonly stringToSign: string;
  readonly parameters?: Record<string, string>;
  readonly canonicalRequest?: string;
  readonly path?: string;
  readonly queryString?: string;
  readonly headers?: Record<string, string>;
}

describe('vectors printed on public pages', () => {
  const { vectors } = readCaptureFile('published-vectors.json') as { vectors: PublishedVector[] };

  it.each(vectors.map((vector) => [vector.source, vector] as const))('agrees with %s', (_source, vector) => {
    if (vector.parameters) {
      const text = v1StringToSign(vector.method, new Map(Object.entries(vector.parameters)));
      expect(text).toBe(vector.stringToSign);
      expect(v1Mac(text, vector.accessKeySecret).toString('base64')).toBe(vector.signature);
      return;
    }
    const headers = new Map(Object.entries(vector.headers ?? {}));
    const query = parseForm(vector.queryString ?? '');
    const request = {
      method: vector.method,
      path: vector.path ?? '/',
      queryString: '',
      headers,
      body: Buffer.alloc(0),
      remoteAddress: '127.0.0.1',
    };
    const signedHeaders = /SignedHeaders=([^,]+)/.exec(headers.get('authorization') ?? '')?.[1] ?? '';
    const hash = headers.get('x-acs-content-sha256') ?? '';
    expect(canonicalRequest(request, query, signedHeaders, hash)).toBe(vector.canonicalRequest);
    const call = readAcs3Call(request, query, query);
    expect(call.stringToSign).toBe(vector.stringToSign);
    expect(call.verify(vector.accessKeySecret)).toBe(true);
  });
});
