import {
  CreateSecretRoute,
  CreateUserRoute,
  DeleteSecretRoute,
  ListHostsRoute,
  type RouteContract,
} from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import { parseRequest, type RawInput } from './parse-request.js';
import { InvalidRequest } from './request-error.js';

const nothing: RawInput = { params: {}, query: {}, body: undefined };
function wrong(route: RouteContract, raw: Partial<RawInput>): InvalidRequest {
  try {
    parseRequest(route, { ...nothing, ...raw });
  } catch (error) {
    if (error instanceof InvalidRequest) return error;
    throw error;
  }
  throw new Error('it was accepted');
}
const places = (error: InvalidRequest) => error.fields.map((field) => `${field.in} ${field.pointer}`);

describe('a request', () => {
  it('comes out as its schemas say, with what they fill in', () => {
    const raw = { ...nothing, params: { name: 'a/b' }, query: { force: 'true', regionId: 'cn-hangzhou' } };
    expect(parseRequest(DeleteSecretRoute, raw)).toEqual({
      params: { name: 'a/b' },
      query: { force: true, regionId: 'cn-hangzhou' },
      body: {},
    });
    expect(parseRequest(ListHostsRoute, nothing).query).toEqual({ limit: 50 });
  });

  it('is refused with all that is wrong in all of its parts', () => {
    const error = wrong(DeleteSecretRoute, { params: { name: '' }, query: { force: 'yes', x: '1' }, body: { y: 1 } });
    expect(places(error)).toEqual(['path #/name', 'query #/force', 'query #/x', 'body #/y']);
    expect(error.message).toContain('query #/x: not a known field');
  });

  it('is told which fields are missing', () => {
    const error = wrong(CreateSecretRoute, {
      body: { name: 'acs/ecs/a', regionId: 'cn-hangzhou', tags: [{ key: 'k' }] },
    });
    const told = Object.fromEntries(error.fields.map(({ pointer, detail }) => [pointer, detail]));
    expect(told).toMatchObject({ '#/instanceId': 'is missing', '#/userName': 'is missing' });
    expect(told).toMatchObject({
      '#/tags/0/value': 'is missing',
      '#/kind': expect.stringMatching(/^is missing: .*ssh-key/) as string,
    });
    expect(wrong(CreateSecretRoute, { body: { regionId: 7 } }).message).toContain('expected string, received number');
  });

  it('is refused when a query parameter comes twice', () => {
    expect(places(wrong(ListHostsRoute, { query: { limit: ['1', '2'] } }))).toEqual(['query #/limit']);
  });

  it('is refused when its body is no object', () => {
    for (const body of [[], null, 'x', 1, true]) expect(wrong(CreateUserRoute, { body }).code).toBe('request.invalid');
  });

  it('shows no value back, whatever it is and wherever', () => {
    const hidden = 'hunter2';
    const error = wrong(CreateSecretRoute, {
      query: { regionId: hidden },
      body: {
        name: { hidden },
        instanceId: hidden.repeat(100),
        regionId: hidden,
        kind: hidden,
        userName: [hidden],
        password: 7,
        tags: [{ key: hidden, value: 1 }],
        rotation: hidden,
      },
    });
    expect(error.fields.length).toBeGreaterThan(6);
    expect(JSON.stringify(error.fields)).not.toContain(hidden);
    expect(error.message).not.toContain(hidden);
  });

  it('shows names that a client made up as a pointer may, and not without end', () => {
    const error = wrong(CreateUserRoute, {
      body: { username: 'x', roles: [], '~/%"<ü': 1, [`${'😀'.repeat(31)}x😀😀`]: 1, ['n'.repeat(9_999)]: 1 },
    });
    expect(places(error)).toContain('body #/~0~1%25%22%3C%C3%BC');
    expect(places(error)).toContain(`body #/${'n'.repeat(64)}`);
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`field${n}`, 1]));
    expect(wrong(CreateUserRoute, { body: many }).fields.length).toBe(20);
  });
});
