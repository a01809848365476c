import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { allRoutes } from '../catalogue.js';
import { CreateSecretRoute, DeleteSecretRoute, ListEventsRoute, ListHostsRoute } from './index.js';

/** Design section 6 written out, the first that fits: all other tests of roles follow the contract, whatever it says. */
const rolesByRoute: readonly (readonly [RegExp, string])[] = [
  [/^POST \/v1\/sign-in$/, 'public'],
  [/^(DELETE \/v1\/sign-in|GET \/v1\/me(\/known-hosts|\/ssh-config)?)$/, 'any'],
  [/ \/v1\/me\/factors/, 'secret-admin bastion-admin operator auditor'],
  [/ \/v1\/kms\//, 'secret-admin'],
  [/^GET \/v1\/ecs\/instances$/, 'bastion-admin secret-admin'],
  [/ \/v1\/audit\//, 'auditor'],
  [/^POST \/v1\/sessions\/\{sessionId\}\/terminate$/, 'auditor bastion-admin'],
  [/^GET \/v1\/sessions\/\{sessionId\}\/live$/, 'auditor'],
  [/^GET \/v1\/(sessions|commands)/, 'auditor operator'],
  [/ \/v1\/(hosts|host-groups|host-key-candidates|authorizations|tickets)/, 'bastion-admin'],
  [/ \/v1\/(users|user-groups|user-certificate-authorities)/, 'bastion-admin'],
];

describe('routes', () => {
  it('are for the roles that the design names, and for no others', () => {
    for (const { method, path, roles } of allRoutes) {
      const name = `${method} ${path}`;
      const wanted = rolesByRoute.find(([route]) => route.test(name))?.[1];
      expect([name, typeof roles === 'string' ? roles : roles.join(' ')]).toEqual([name, wanted]);
    }
  });

  it('are distinct by method and path', () => {
    const names = allRoutes.map((r) => `${r.method} ${r.path.replace(/\{\w+\}/g, '{}')}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(30);
  });

  it('have a schema for exactly the parameters of their path', () => {
    for (const r of allRoutes) {
      const inPath = [...r.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(Object.keys(r.params.shape), r.path).toEqual(inPath);
    }
  });

  it('take no field that only a service may set', () => {
    for (const r of allRoutes)
      for (const part of [r.params, r.query, r.body])
        for (const field of ['actor', 'value', 'tokenHash', 'clientAddress'])
          expect(part.shape, `${r.method} ${r.path}`).not.toHaveProperty(field);
  });

  it('refuse fields that they do not know', () => {
    for (const r of allRoutes)
      for (const part of [r.params, r.query, r.body]) {
        const issues = part.safeParse({ unknownField: '1' }).error?.issues;
        expect(
          issues?.some((issue) => issue.code === 'unrecognized_keys'),
          `${r.method} ${r.path}`,
        ).toBe(true);
      }
  });

  it('send a body only with a method that has one', () => {
    for (const r of allRoutes)
      if (r.method === 'GET' || r.method === 'DELETE') expect(Object.keys(r.body.shape), r.path).toEqual([]);
  });
});

describe('queries', () => {
  it('read numbers and truth values from text', () => {
    expect(ListHostsRoute.query.parse({ limit: '7' })).toEqual({ limit: 7 });
    expect(ListHostsRoute.query.parse({})).toEqual({ limit: 50 });
    expect(DeleteSecretRoute.query.parse({ force: 'true' })).toEqual({ force: true });
    expect(ListEventsRoute.query.parse({ order: 'desc' })).toEqual({ order: 'desc', limit: 50 });
  });

  it('take decimal digits alone for a whole number, in every parameter that is one', () => {
    let found = 0;
    for (const { method, path, query } of allRoutes)
      for (const [name, property] of Object.entries(z.toJSONSchema(query, { io: 'input' }).properties ?? {})) {
        if (typeof property === 'boolean' || property.type !== 'integer') continue;
        found++;
        const isRefused = (text: string) =>
          query.safeParse({ [name]: text }).error?.issues.some((issue) => issue.path[0] === name) === true;
        const wrong = ['1e1', '0x10', '0b1000', '07', '+8', '-0', ' 8', '8.0', '8_0', ''];
        expect(wrong.filter(isRefused), `${method} ${path} ${name}`).toEqual(wrong);
        expect(isRefused('8')).toBe(false);
      }
    expect(found).toBeGreaterThan(10);
  });

  it.each(['0', '201', '1.5', '', 'x', ['1', '2']])('refuse the limit %j', (limit) => {
    expect(ListHostsRoute.query.safeParse({ limit }).success).toBe(false);
  });

  it.each(['yes', '1', 'TRUE', ''])('refuse force=%s', (force) => {
    expect(DeleteSecretRoute.query.safeParse({ force }).success).toBe(false);
  });
});

describe('the value of a new secret', () => {
  const secret = { name: 'acs/ecs/web-01', instanceId: 'i-1', regionId: 'cn-hangzhou', userName: 'root' };
  const wrong = (body: object) => CreateSecretRoute.body.safeParse(body).error?.issues.map((i) => i.path.join('.'));

  it('is a password or a key pair, as kind says', () => {
    expect(wrong({ ...secret, kind: 'password', password: 'x' })).toBeUndefined();
    expect(wrong({ ...secret, kind: 'ssh-key', publicKey: 'x', privateKey: 'y' })).toBeUndefined();
  });

  it('is refused when it is another kind, half or both', () => {
    expect(wrong({ ...secret, kind: 'password' })).toEqual(['password']);
    expect(wrong({ ...secret, kind: 'ssh-key', publicKey: 'x' })).toEqual(['privateKey']);
    expect(wrong({ ...secret, kind: 'ssh-key', password: 'x' })).toEqual(['publicKey', 'privateKey', 'password']);
    expect(wrong({ ...secret, kind: 'password', password: 'x', privateKey: 'y' })).toEqual(['privateKey']);
  });
});
