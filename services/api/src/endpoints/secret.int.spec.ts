import { randomUUID } from 'node:crypto';
import {
  CreateSecretV1,
  CreateUserV1,
  GetSecretV1,
  ResolveTokenV1,
  UpdateUserV1,
  UserId,
  type RequestOf,
  type Role,
} from '@sallyport/contracts';
import { waitFor } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToken } from '../sign-in/bearer-token.js';
import { startApi, type Api } from '../testing/api-process.suite.js';

let api: Api;
const id = UserId.parse(randomUUID());
const roles: Role[] = ['secret-admin', 'bastion-admin'];
const token = makeToken();
const heard: string[] = [];
let created: RequestOf<typeof CreateSecretV1> | undefined;
const names: string[] = [];
const passwords = new Map<string, string>();

beforeAll(async () => {
  api = await startApi({ LOG_LEVEL: 'trace' });
  await api.listen((text) => heard.push(text));
  await api.answer(ResolveTokenV1, async ({ clientAddress }) => {
    const who = { userId: id, username: 'admin', roles };
    return { ...who, identity: await api.signer.identity({ ...who, use: 'rest', method: 'token', clientAddress }, 60) };
  });
  await api.answer(CreateSecretV1, (request) => {
    created = request;
    return { name: request.name, regionId: request.regionId, type: 'ECS' };
  });
  await api.answer(GetSecretV1, ({ name }) => {
    names.push(name);
    return { name, regionId: 'cn-hangzhou', type: 'ECS' };
  });
  const user = { id, username: 'alice', roles, publicKeys: [], status: 'active' as const };
  await api.answer(CreateUserV1, async ({ username, password }) => {
    if (password) passwords.set(username, (await api.assetKey.open(password, username)).toString());
    return user;
  });
  await api.answer(UpdateUserV1, async ({ userId, password }) => {
    if (password) passwords.set(userId, (await api.assetKey.open(password, userId)).toString());
    return user;
  });
});
afterAll(() => api.stop());

const send = (method: string, path: string, body?: object) =>
  fetch(`${api.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
const secret = { name: 'acs/ecs/web-01', instanceId: 'i-1', regionId: 'cn-hangzhou', userName: 'root' };
const opened = async () => {
  if (!created?.value) throw new Error('the broker was not asked, or was given no value');
  return JSON.parse((await api.brokerKey.open(created.value, created.name)).toString()) as unknown;
};
/** In what crossed NATS, and in what the process printed. */
const seen = (value: string) => [...heard, ...api.child.lines].some((line) => line.includes(value));

describe('the value of a new secret', () => {
  it('goes to the broker alone, sealed: a password', async () => {
    const password = `"\\ü${randomUUID()}`;
    const answer = await send('POST', '/v1/kms/secrets', { ...secret, kind: 'password', password });
    expect(answer.status).toBe(201);
    expect(await answer.text()).not.toContain(password.slice(3));
    expect(await opened()).toEqual({ UserName: 'root', Password: password });
    expect(created).not.toHaveProperty('password');
    expect(created).not.toHaveProperty('userName');
    expect(seen(password.slice(3))).toBe(false);
  });

  it('goes to the broker alone, sealed: a key pair', async () => {
    const [publicKey, privateKey] = [`ssh-ed25519 ${randomUUID()}`, `-----BEGIN ${randomUUID()}\n`];
    const answer = await send('POST', '/v1/kms/secrets', { ...secret, kind: 'ssh-key', publicKey, privateKey });
    expect(answer.status).toBe(201);
    expect(await opened()).toEqual({ UserName: 'root', PublicKey: publicKey, PrivateKey: privateKey });
    expect(seen(privateKey.trim())).toBe(false);
  });

  it('is made by the broker when it is to be generated, for the account that is named', async () => {
    const answer = await send('POST', '/v1/kms/secrets', { ...secret, kind: 'ssh-key', generate: true });
    expect(answer.status).toBe(201);
    expect(created).toMatchObject({ name: secret.name, generate: { userName: 'root' } });
    expect(created).not.toHaveProperty('value');
    const both = { ...secret, kind: 'password', generate: true, password: randomUUID() };
    const refused = await send('POST', '/v1/kms/secrets', both);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('not together with a value');
    const neither = await send('POST', '/v1/kms/secrets', { ...secret, kind: 'password' });
    expect(neither.status).toBe(400);
  });

  it('reaches the broker, who has the rule, when it is one byte too long', async () => {
    const password = 'x'.repeat(30_721);
    expect((await send('POST', '/v1/kms/secrets', { ...secret, kind: 'password', password })).status).toBe(201);
    expect(await opened()).toEqual({ UserName: 'root', Password: password });
  });

  it('is refused with the rule named when it does not even travel', async () => {
    const body = { ...secret, kind: 'password', password: 'x'.repeat(60_000) };
    const answer = await send('POST', '/v1/kms/secrets', body);
    expect(answer.status).toBe(400);
    const { code, detail } = (await answer.json()) as { code: string; detail: string };
    expect(code).toBe('request.invalid');
    expect(detail).toContain('30,720');
  });
});

describe("a secret's name in the path", () => {
  it.each([
    'acs/ecs/web-01',
    'a',
    'n'.repeat(192),
    'with+plus=equals@at.dot-dash',
    'percent%2Fencoded',
    '%',
    '/',
    '...',
    'q?a=b&c#d',
    ';v=1',
  ])('arrives as it is: %s', async (name) => {
    const answer = await send('GET', `/v1/kms/secrets/${encodeURIComponent(name)}`);
    expect(answer.status).toBe(200);
    expect(names.at(-1)).toBe(name);
  });

  it('has an end', async () => {
    for (const length of [193, 3_000])
      expect([400, 414]).toContain((await send('GET', `/v1/kms/secrets/${'n'.repeat(length)}`)).status);
  });

  it('is not in the log', async () => {
    const asked = () => api.child.lines.filter((line) => line.includes('/v1/kms/secrets/:name')).length;
    await waitFor(() => asked() >= names.length, { what: 'the log of those that were asked for' });
    expect(api.child.lines.some((line) => line.includes('plus=equals'))).toBe(false);
  });
});

describe('the password of a user', () => {
  it('goes to asset alone, sealed for that user', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    expect((await send('POST', '/v1/users', { username: 'alice', roles: [], password: first })).status).toBe(201);
    expect((await send('PATCH', `/v1/users/${id}`, { password: second })).status).toBe(200);
    expect((await send('PATCH', `/v1/users/${id}`, { status: 'locked' })).status).toBe(200);
    expect(Object.fromEntries(passwords)).toEqual({ alice: first, [id]: second });
    expect(seen(first) || seen(second)).toBe(false);
  });
});
