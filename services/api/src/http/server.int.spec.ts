import { connect } from 'node:net';
import { ResolveTokenV1 } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { waitFor } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToken } from '../sign-in/bearer-token.js';
import { startApi, type Api } from '../testing/api-process.suite.js';

let api: Api;
beforeAll(async () => {
  api = await startApi({ API_TRUSTED_PROXIES: '127.0.0.1' });
});
afterAll(() => api.stop());

const signIn = (body: string | Uint8Array, contentType = 'application/json') =>
  fetch(`${api.url}/v1/sign-in`, { method: 'POST', headers: { 'content-type': contentType }, body: Buffer.from(body) });

/** Status, code and a look at what every problem must have. */
async function problem(answer: Response): Promise<[number, string]> {
  const text = await answer.text();
  const { type, status, title, detail, code, traceId } = JSON.parse(text) as Record<string, string | number>;
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(type).toBe('about:blank');
  expect(status).toBe(answer.status);
  expect(traceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
  expect(answer.headers.get('x-trace-id')).toBe(traceId);
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect([title, detail].every((part) => typeof part === 'string' && part !== '')).toBe(true);
  expect(text).not.toMatch(/node_modules|\.js|stack|Fastify|FST_/);
  return [answer.status, String(code)];
}

describe('a problem', () => {
  it('is the answer to a path where nothing is', async () => {
    for (const path of ['/v1', '/v1/nothing', '/v2/hosts', '/v1/kms/secrets/acs/ecs/x'])
      expect(await problem(await fetch(`${api.url}${path}`)), path).toEqual([404, 'resource.not-found']);
  });

  it('is the answer to a method that a path has not, with those that it has', async () => {
    for (const [method, path, allow] of [
      ['PUT', '/v1/sign-in', 'POST, DELETE'],
      ['DELETE', '/v1/hosts', 'GET, HEAD'],
      ['POST', '/docs', 'GET, HEAD'],
      ['PATCH', '/healthz', 'GET, HEAD'],
    ] as const) {
      const answer = await fetch(`${api.url}${path}`, { method });
      expect(answer.headers.get('allow')).toBe(allow);
      expect(await problem(answer)).toEqual([405, 'request.invalid']);
    }
  });

  it('is the answer to what is no JSON, and quotes none of it', async () => {
    for (const body of ['{"username":"admin","password":"hunter2"', 'hunter2', Uint8Array.of(0x22, 0xff, 0x22)]) {
      const answer = await signIn(body);
      expect(await answer.clone().text()).not.toContain('hunter2');
      expect(await problem(answer)).toEqual([400, 'request.invalid']);
    }
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])
      expect(await problem(await signIn('{}', type))).toEqual([415, 'request.invalid']);
  });

  it('is the answer to a body, path or query that goes too far', async () => {
    const body = (length: number) => JSON.stringify({ username: 'x', password: 'x'.repeat(length) });
    expect(await problem(await signIn(body(256 * 1024)))).toEqual([413, 'request.too-large']);
    expect(await problem(await signIn(body(255 * 1024)))).toEqual([400, 'request.invalid']);
    expect(await problem(await fetch(`${api.url}/v1/hosts/${'x'.repeat(3_000)}`))).toEqual([414, 'request.invalid']);
    expect(await problem(await fetch(`${api.url}/v1/hosts/%ff`))).toEqual([400, 'request.invalid']);
  });

  it('is the answer to a body with prototypes or fields of its own', async () => {
    for (const body of ['{"__proto__":{"username":"x"}}', '{"constructor":1}', '[]', 'null', '"x"', '1'])
      expect(await problem(await signIn(body))).toEqual([400, 'request.invalid']);
  });

  it('is the answer to what would not arrive as it was sent', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    for (const odd of ['{"a":"\\ud800"}', '{"\\udc00":1}', '[["x\\ud83d"]]', '{"a":{"__proto__":"x"}}', deep]) {
      const answer = await signIn(`{"username":"admin","password":"hunter2","more":${odd}}`);
      expect(await answer.clone().text(), odd.slice(0, 20)).toContain('not JSON in UTF-8');
      expect(await problem(answer)).toEqual([400, 'request.invalid']);
    }
    const whole = await signIn('{"username":"admin","password":"\\ud83d\\ude00","more":1}');
    expect(await whole.text()).toContain('not a known field');
  });

  it('says when nobody behind the api answers', async () => {
    const answer = await fetch(`${api.url}/v1/me`, { headers: { authorization: `Bearer ${makeToken()}` } });
    expect(await problem(answer)).toEqual([503, 'service.unavailable']);
  });

  it('is all a client sees of a mistake in a service', async () => {
    const seen: string[] = [];
    await api.answer(ResolveTokenV1, ({ clientAddress }) => {
      seen.push(clientAddress);
      if (clientAddress === '192.0.2.9') throw new Error('postgres://asset:hunter2@10.0.0.1/asset');
      throw new DomainError('access.unauthenticated', 'sign in again');
    });
    const ask = (forwarded: string) =>
      fetch(`${api.url}/v1/me`, { headers: { authorization: `Bearer ${makeToken()}`, 'x-forwarded-for': forwarded } });
    expect(await problem(await ask('192.0.2.9'))).toEqual([500, 'internal']);
    expect(await problem(await ask('::ffff:192.0.2.8'))).toEqual([401, 'access.unauthenticated']);
    expect(seen).toEqual(['192.0.2.9', '192.0.2.8']);
  });
});

describe('what everybody may see', () => {
  it('is the OpenAPI document', async () => {
    const answer = await fetch(`${api.url}/v1/openapi.json`);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(await answer.json()).toMatchObject({ openapi: '3.1.0', info: { title: 'Sallyport' } });
  });

  it('is the page for people, which may load nothing', async () => {
    const answer = await fetch(`${api.url}/docs`);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/);
    expect(await answer.text()).toContain('POST /v1/sign-in');
    expect((await fetch(api.url)).url).toBe(`${api.url}/docs`);
  });

  it('is whether it lives and is ready', async () => {
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${api.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, checks: { nats: { ok: true } } }]);
  });
});

describe('a connection', () => {
  it('that speaks no HTTP is closed with a bare 400', async () => {
    const { port } = new URL(api.url);
    const socket = connect(Number(port), '127.0.0.1');
    const text = await new Promise<string>((resolve) => {
      let heard = '';
      socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
      socket.on('close', () => {
        resolve(heard);
      });
      socket.write('\0\0\0hello\r\n\r\n');
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).not.toMatch(/stack|node/);
  });
});

describe('without NATS', () => {
  it('the api lives, is not ready, and is ready again when it is back', async () => {
    await api.nats.stop();
    await waitFor(async () => (await fetch(`${api.url}/readyz`)).status === 503, { what: 'not ready' });
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
    const answer = await fetch(`${api.url}/v1/me`, { headers: { authorization: `Bearer ${makeToken()}` } });
    expect(await problem(answer)).toEqual([503, 'service.unavailable']);
    await api.nats.restart();
    await waitFor(async () => (await fetch(`${api.url}/readyz`)).status === 200, { what: 'ready again' });
  });
});
