import {
  allRequests,
  allRoutes,
  ResolveTokenV1,
  RevokeTokenV1,
  Role,
  SignInV1,
  UserId,
  type RequestContract,
  type RouteContract,
} from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashToken, makeToken } from '../sign-in/bearer-token.js';
import { startApi, type Api } from '../testing/api-process.suite.js';
import { id, inputs, replies } from '../testing/samples.suite.js';

let api: Api;
/** Roles by the hash of a token. */
const known = new Map<string, Role[]>();
const asked = new Map<RequestContract, unknown>();

beforeAll(async () => {
  api = await startApi();
  await api.answer(ResolveTokenV1, async ({ tokenHash, clientAddress }) => {
    const roles = known.get(tokenHash);
    if (!roles) throw new DomainError('access.unauthenticated', 'sign in again');
    const who = { userId: UserId.parse(id), username: 'somebody', roles };
    return { ...who, identity: await api.signer.identity({ ...who, use: 'rest', method: 'token', clientAddress }, 60) };
  });
  await api.answer(RevokeTokenV1, () => ({}));
  for (const [contract, reply] of replies)
    await api.answer(contract, (request) => {
      asked.set(contract, request);
      return typeof reply === 'function' ? (reply as (request: unknown) => unknown)(request) : reply;
    });
});
afterAll(() => api.stop());

function tokenWith(...roles: Role[]): string {
  const token = makeToken();
  known.set(hashToken(token), roles);
  return token;
}

const nameOf = ({ method, path }: RouteContract) => `${method} ${path}`;
function call(route: RouteContract, token?: string): Promise<Response> {
  const path = route.path.replace('{name}', 'acs%2Fecs%2Fweb-01').replace(/\{\w+\}/g, id);
  const { query = {}, body } = inputs[nameOf(route)] ?? {};
  return fetch(`${api.url}${path}?${new URLSearchParams(query).toString()}`, {
    method: route.method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

const guarded = allRoutes.filter((route) => route.roles !== 'public').map((route) => [nameOf(route), route] as const);

describe('every route', () => {
  it.each(guarded)('%s answers 401 without a token', async (_, route) => {
    const answer = await call(route);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'access.unauthenticated' });
  });

  it.each(guarded.filter(([, route]) => typeof route.roles !== 'string'))(
    '%s answers 403 with every other role',
    async (_, route) => {
      const others = Role.options.filter((role) => !route.roles.includes(role));
      const answer = await call(route, tokenWith(...others));
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ code: 'access.forbidden' });
    },
  );

  it.each(guarded)('%s answers as it says to who may ask', async (_, route) => {
    const roles = typeof route.roles === 'string' ? [] : [...route.roles];
    for (const token of roles.length > 0 ? roles.map((role) => tokenWith(role)) : [tokenWith()]) {
      const answer = await call(route, token);
      if (route.stream) {
        expect(answer.status).toBe(200);
        expect(answer.headers.get('content-type')).toBe(`${route.stream}; charset=utf-8`);
        const chunk = (await answer.body?.getReader().read()) as { value?: Uint8Array } | undefined;
        expect(chunk?.value?.length).toBeGreaterThan(0);
        continue;
      }
      const text = await answer.text();
      expect(answer.status, text).toBe(route.status);
      if (route.status === 204) expect(text).toBe('');
      else expect(route.reply.safeParse(JSON.parse(text)).error).toBeUndefined();
    }
  });

  it('together they ask for all that a service answers to the api', () => {
    const apart: RequestContract[] = [SignInV1, ResolveTokenV1, RevokeTokenV1];
    const forApi = allRequests.filter((request) => request.callers.includes('api') && !apart.includes(request));
    expect(forApi.filter((request) => !asked.has(request)).map(({ subject }) => subject)).toEqual([]);
  });
});

describe('a body that does not fit', () => {
  const send = async (token: string) => {
    const answer = await fetch(`${api.url}/v1/hosts/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ regionId: 'Nowhere!', instanceIds: [], extra: 'hunter2' }),
    });
    return { status: answer.status, text: await answer.text() };
  };

  it('is answered with each wrong field and no value', async () => {
    const { status, text } = await send(tokenWith('bastion-admin'));
    expect(status).toBe(400);
    const problem = JSON.parse(text) as { code: string; errors: { in: string; pointer: string }[] };
    expect(problem.code).toBe('request.invalid');
    expect(problem.errors.map((error) => `${error.in} ${error.pointer}`).sort()).toEqual([
      'body #/extra',
      'body #/instanceIds',
      'body #/regionId',
    ]);
    expect(text).not.toContain('Nowhere!');
    expect(text).not.toContain('hunter2');
  });

  it('does not look like permission with a mistake in it', async () => {
    expect((await send(tokenWith('auditor', 'operator'))).status).toBe(403);
  });
});
