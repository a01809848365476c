import { describe, expect, it } from 'vitest';
import { captured } from '../start-emulator.suite.js';
import { captures, isV1, rawRequestOf, readCaptureFile, timeOf } from '../capture.suite.js';
import type { Capture } from '../capture.suite.js';
import { Clock } from '../clock.js';
import type { Caller } from '../ram/principal.js';
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
