import { randomBytes, randomUUID } from 'node:crypto';
import {
  allRequests,
  allRoutes,
  CreateUserRoute,
  ListEventsRoute,
  RequestRefused,
  Role,
  type RouteContract,
} from '@sallyport/contracts';
import { makeUserKey, RestClient, waitFor, type CallInput } from '@sallyport/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { anonymous, local, signInAs } from './support/sallyport.js';

/** An id of nothing: a request that were let through would find nothing to spoil. */
const id = randomUUID();
const name = `acs/ecs/${id}`;
const { regionId } = local.kms;
const { publicKey } = await makeUserKey();
const [user, host, secret] = [{ params: { userId: id } }, { params: { hostId: id } }, { params: { name } }];

/** For every route the least that passes its schemas, since only a well-formed request reaches the owner of the rule. */
const inputs: Record<string, Pick<CallInput<RouteContract>, 'params' | 'query'> & { body?: object }> = {
  'POST /v1/sign-in': { body: { username: 'nobody', password: 'none' } },
  'DELETE /v1/sign-in': {},
  'GET /v1/me': {},
  'GET /v1/kms/secrets': {},
  'POST /v1/kms/secrets': {
    body: { name, instanceId: 'i-none', regionId, kind: 'password', userName: 'root', password: 'none' },
  },
  'GET /v1/kms/secrets/{name}': secret,
  'DELETE /v1/kms/secrets/{name}': secret,
  'POST /v1/kms/secrets/{name}/restore': secret,
  'POST /v1/kms/secrets/{name}/rotate': { ...secret, body: {} },
  'PUT /v1/kms/secrets/{name}/rotation-policy': { ...secret, body: { enabled: false } },
  'GET /v1/kms/secrets/{name}/versions': secret,
  'GET /v1/ecs/instances': { query: { regionId } },
  'POST /v1/hosts/import': { body: { regionId, instanceIds: ['i-none'] } },
  'GET /v1/hosts': {},
  'GET /v1/hosts/{hostId}': host,
  'PATCH /v1/hosts/{hostId}': { ...host, body: {} },
  'DELETE /v1/hosts/{hostId}': host,
  'GET /v1/hosts/{hostId}/host-keys': host,
  'PUT /v1/hosts/{hostId}/host-keys': { ...host, body: { publicKeys: [publicKey] } },
  'DELETE /v1/hosts/{hostId}/host-keys': host,
  'GET /v1/hosts/{hostId}/importable-secrets': host,
  'POST /v1/hosts/{hostId}/import-secrets': { ...host, body: { secretNames: [name] } },
  'GET /v1/hosts/{hostId}/accounts': host,
  'DELETE /v1/hosts/{hostId}/accounts/{accountId}': { params: { hostId: id, accountId: id } },
  'GET /v1/users': {},
  'POST /v1/users': { body: { username: 'never', roles: [...Role.options], publicKeys: [publicKey] } },
  'PATCH /v1/users/{userId}': { ...user, body: { roles: [...Role.options] } },
  'DELETE /v1/users/{userId}': user,
  'GET /v1/users/{userId}/public-keys': user,
  'POST /v1/users/{userId}/public-keys': { ...user, body: { publicKey } },
  'DELETE /v1/users/{userId}/public-keys/{publicKeyId}': { params: { userId: id, publicKeyId: id } },
  'GET /v1/authorizations': {},
  'POST /v1/authorizations': { body: { userId: id, hostId: id } },
  'PATCH /v1/authorizations/{authorizationId}': { params: { authorizationId: id }, body: {} },
  'DELETE /v1/authorizations/{authorizationId}': { params: { authorizationId: id } },
  'GET /v1/sessions': {},
  'GET /v1/sessions/{sessionId}': { params: { sessionId: id } },
  'GET /v1/audit/events': {},
};

const nameOf = ({ method, path }: RouteContract): string => `${method} ${path}`;
const call = (client: RestClient, route: RouteContract) =>
  client.call(route, inputs[nameOf(route)] as CallInput<RouteContract>);
/** The request that a route is forwarded as: `answeredBy` gives the route that very list of errors. */
const operationOf = (route: RouteContract): string =>
  allRequests.find(({ errors }) => errors === route.errors)?.subject ?? '';

const guarded = allRoutes.filter((route) => route.roles !== 'public');
const notFor = (...roles: Role[]): RouteContract[] =>
  guarded.filter((route) => typeof route.roles !== 'string' && !route.roles.some((role) => roles.includes(role)));

describe('every route of the REST', () => {
  it('has an input here that fits its contract', () => {
    expect(allRoutes.map(nameOf).filter((route) => !inputs[route])).toEqual([]);
    for (const route of allRoutes) {
      const { params = {}, query = {}, body = {} } = inputs[nameOf(route)] ?? {};
      const parts = [route.params.safeParse(params), route.query.safeParse(query), route.body.safeParse(body)];
      expect(
        parts.flatMap(({ error }) => error ?? []),
        nameOf(route),
      ).toEqual([]);
    }
  });

  it.each(guarded.map((route) => [nameOf(route), route] as const))(
    '%s is refused without a token, and with one that nobody was given',
    async (_, route) => {
      const unauthenticated = { problem: { status: 401, code: 'access.unauthenticated' } };
      await expect(call(anonymous, route)).rejects.toMatchObject(unauthenticated);
      const guessed = new RestClient(local.api, `sp_${randomBytes(32).toString('base64url')}`);
      await expect(call(guessed, route)).rejects.toMatchObject(unauthenticated);
    },
  );
});

describe.each([[[]], ...Role.options.map((role) => [[role]])] as [Role[]][])('a person with the roles %j', (roles) => {
  let person: RestClient;
  let userId: string;
  let auditor: RestClient;
  beforeAll(async () => {
    const admin = await signInAs('admin');
    auditor = await signInAs('auditor');
    const username = `only-${roles[0] ?? 'nothing'}-${randomBytes(4).toString('hex')}`;
    const password = randomBytes(16).toString('hex');
    ({ id: userId } = await admin.call(CreateUserRoute, { body: { username, roles, password } }));
    person = await anonymous.signIn(username, password);
  });

  it('is refused all that is for other roles, and each refusal is on record', async () => {
    const refused = notFor(...roles);
    expect(refused.length).toBeGreaterThan(0);
    for (const route of refused)
      await expect(call(person, route), nameOf(route)).rejects.toMatchObject({
        problem: { status: 403, code: 'access.forbidden' },
      });

    const expected = refused.map((route) => ({ operation: operationOf(route), required: route.roles, roles, userId }));
    const recorded = await waitFor(
      async () => {
        const query = { type: RequestRefused.type, userId, limit: 200 };
        const { items } = await auditor.call(ListEventsRoute, { query });
        return items.length >= expected.length && items;
      },
      { what: `${expected.length} refusals on record` },
    );
    expect(recorded.map(({ data }) => data)).toMatchObject(expected);
  });
});
