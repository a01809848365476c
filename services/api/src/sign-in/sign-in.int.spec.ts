import { randomUUID } from 'node:crypto';
import { ResolveTokenV1, RevokeTokenV1, SignInV1, UserId, type Role } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type Api } from '../testing/api-process.suite.js';
import { hashToken, makeToken } from './bearer-token.js';

const userId = UserId.parse(randomUUID());
const roles: Role[] = ['bastion-admin'];
const password = `hunter2-${randomUUID()}`;
const known = new Set<string>();
const heard: string[] = [];
let api: Api;

beforeAll(async () => {
  api = await startApi();
  await api.listen((text) => heard.push(text));
  await api.answer(SignInV1, async (request) => {
    const opened = (await api.assetKey.open(request.password, request.tokenHash)).toString();
    if (request.username === 'eager') throw new DomainError('sign-in.rate-limited', 'too many attempts, wait');
    if (request.username !== 'admin' || opened !== password || request.clientAddress !== '127.0.0.1')
      throw new DomainError('sign-in.failed', 'wrong user name or password');
    known.add(request.tokenHash);
    return { expiresAt: '2030-01-01T00:00:00.000Z' };
  });
  await api.answer(ResolveTokenV1, async ({ tokenHash, clientAddress }) => {
    if (!known.has(tokenHash)) throw new DomainError('access.unauthenticated', 'sign in again');
    const claims = { use: 'rest', userId, username: 'admin', roles, method: 'token', clientAddress } as const;
    return { identity: await api.signer.identity(claims, 60), userId, username: 'admin', roles };
  });
  await api.answer(RevokeTokenV1, ({ tokenHash }) => {
    known.delete(tokenHash);
    return {};
  });
});
afterAll(() => api.stop());

const post = (body: unknown) =>
  fetch(`${api.url}/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const me = (token: string) => fetch(`${api.url}/v1/me`, { headers: { authorization: `Bearer ${token}` } });

describe('sign-in', () => {
  it('gives a token that stands for the user until sign-out', async () => {
    const answer = await post({ username: 'admin', password });
    expect(answer.status).toBe(200);
    const { token, expiresAt } = (await answer.json()) as { token: string; expiresAt: string };
    expect(expiresAt).toBe('2030-01-01T00:00:00.000Z');
    expect(known).toEqual(new Set([hashToken(token)]));

    const who = await me(token);
    expect(who.status).toBe(200);
    expect(await who.json()).toEqual({ id: userId, username: 'admin', roles });

    const out = await fetch(`${api.url}/v1/sign-in`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(out.status).toBe(204);
    expect(await out.text()).toBe('');
    expect((await me(token)).status).toBe(401);
    for (const secret of [token, password]) {
      expect(heard.join('\n')).not.toContain(secret);
      expect(api.child.lines.join('\n')).not.toContain(secret);
    }
    expect(heard.join('\n')).toContain(hashToken(token));
  });

  it('is one trace from the answer back to the service that was asked', async () => {
    for (const call of [() => post({ username: 'admin', password }), () => me(makeToken())]) {
      const traceId = (await call()).headers.get('x-trace-id') ?? 'none';
      expect(api.traceparents.at(-1)).toContain(traceId);
    }
  });

  it('refuses what asset refuses, with its code', async () => {
    const wrong = await post({ username: 'admin', password: 'x' });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('content-type')).toContain('application/problem+json');
    expect(wrong.headers.get('www-authenticate')).toContain('Bearer');
    const problem = (await wrong.json()) as { traceId: string };
    expect(problem).toMatchObject({ type: 'about:blank', title: 'Unauthorized', status: 401, code: 'sign-in.failed' });
    expect(problem.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(problem.traceId).not.toMatch(/^0+$/);
    expect(wrong.headers.get('x-trace-id')).toBe(problem.traceId);
    expect((await post({ username: 'eager', password: 'x' })).status).toBe(429);
  });

  it.each([undefined, 'Bearer', 'Bearer x', `Basic sp_${'x'.repeat(43)}`, `Bearer sp_${'x'.repeat(43)}`])(
    'does not take %j for a token',
    async (authorization) => {
      const answer = await fetch(`${api.url}/v1/me`, { headers: authorization === undefined ? {} : { authorization } });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ code: 'access.unauthenticated' });
    },
  );
});
