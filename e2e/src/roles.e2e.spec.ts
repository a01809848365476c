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
import { makeUserKey, RestClient, routeInputs, waitFor, type CallInput } from '@sallyport/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { anonymous, local, signInAs } from './support/sallyport.js';

/** An id of nothing: a request that were let through would find nothing to spoil. */
const id = randomUUID();
const inputs = routeInputs(id, (await makeUserKey()).publicKey);

const nameOf = ({ method, path }: RouteContract): string => `${method} ${path}`;
/** Only a well-formed request reaches the owner of the rule. */
const inputOf = (route: RouteContract): CallInput<RouteContract> => ({
  params: Object.fromEntries(
    [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, name === 'name' ? `acs/ecs/${id}` : id]),
  ),
  ...inputs[nameOf(route)],
});
const call = (client: RestClient, route: RouteContract) => client.call(route, inputOf(route));
/** The request that a route is forwarded as: `answeredBy` gives the route that very list of errors. */
const operationOf = (route: RouteContract): string =>
  allRequests.find(({ errors }) => errors === route.errors)?.subject ?? '';

const guarded = allRoutes.filter((route) => route.roles !== 'public');
const notFor = (...roles: Role[]): RouteContract[] =>
  guarded.filter((route) => typeof route.roles !== 'string' && !route.roles.some((role) => roles.includes(role)));

describe('every route of the REST', () => {
  it('has an input that fits its contract, and no input is of another', () => {
    for (const route of allRoutes) {
      const { params = {}, query = {}, body = {} } = inputOf(route);
      const parts = [route.params.safeParse(params), route.query.safeParse(query), route.body.safeParse(body)];
      expect(
        parts.flatMap(({ error }) => error ?? []),
        nameOf(route),
      ).toEqual([]);
    }
    const names = allRoutes.map(nameOf);
    expect(Object.keys(inputs).filter((name) => !names.includes(name))).toEqual([]);
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
