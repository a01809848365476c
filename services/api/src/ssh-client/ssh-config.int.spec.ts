import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListTargetsV1, ResolveTokenV1, UserId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { makeUserKey, mustRun, run, tempDir } from '@sallyport/testing';
import type { UserKey } from '@sallyport/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeToken } from '../sign-in/bearer-token.js';
import { startApi, type Api } from '../testing/api-process.suite.js';
import { id } from '../testing/samples.suite.js';

/** As asset lists them: by host and account. `many` has more accounts than a page has room for. */
const granted = [
  ...Array.from({ length: 250 }, (_, i) => ({ host: 'many', account: `a${String(i).padStart(3, '0')}` })),
  { host: 'odd', account: 'CORP\\ops' },
  { host: 'two', account: '%h' },
  { host: 'two', account: 'root' },
  { host: 'web-1', account: 'root' },
  { host: 'x\nProxyCommand touch /tmp/owned', account: 'root' },
];

let api: Api;
let hostKey: UserKey;
let standing = true;
const token = makeToken();
beforeAll(async () => {
  hostKey = await makeUserKey();
  api = await startApi({ API_SSH_HOST_KEYS: `${hostKey.publicKey}\n`, API_SSH_PORT: '60023' });
  await api.answer(ResolveTokenV1, async ({ clientAddress }) => {
    const who = { userId: UserId.parse(id), username: 'alice', roles: [] };
    return { ...who, identity: await api.signer.identity({ ...who, use: 'rest', method: 'token', clientAddress }, 60) };
  });
  await api.answer(ListTargetsV1, ({ cursor, limit }) => {
    if (!standing) throw new DomainError('access.unauthenticated', 'not authenticated');
    const from = Number(cursor ?? 0);
    const items = granted.slice(from, from + limit).map((target) => ({
      ...target,
      instanceId: 'i-1',
      address: '192.0.2.1',
      port: 22,
      status: 'active' as const,
    }));
    const more = from + limit < granted.length;
    return { items, ...(more && { nextCursor: String(from + limit) }) };
  });
});
afterAll(() => api.stop());

const get = (path: string): Promise<Response> =>
  fetch(`${api.url}${path}`, { headers: { authorization: `Bearer ${token}` } });

it('A1: after one Include, OpenSSH knows for each target where it is and as whom to ask, and asks no one else', async () => {
  const answer = await get('/v1/me/ssh-config');
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  const included = join(tempDir(), 'sallyport.conf');
  writeFileSync(included, await answer.text());
  const config = `${included}.including`;
  writeFileSync(config, `Include ${included}\n`);
  const asked = async (host: string): Promise<unknown> => {
    const lines = (await mustRun('ssh', ['-F', config, '-G', host])).split('\n');
    const of = (name: string) => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
    return [of('user'), of('hostname'), of('port'), of('stricthostkeychecking')];
  };
  const bastion = ['bastion.example', '60023', 'true'];
  expect(await asked('web-1')).toEqual(['alice@root@web-1', ...bastion]);
  expect(await asked('root+web-1')).toEqual(['alice@root@web-1', ...bastion]);
  expect(await asked('sallyport')).toEqual(['alice', ...bastion]);
  expect(await asked('many')).toEqual(['alice@many', ...bastion]);
  expect(await asked('a000+many')).toEqual(['alice@a000@many', ...bastion]);
  expect(await asked('a249+many')).toEqual(['alice@a249@many', ...bastion]);
  expect(await asked('root+two')).toEqual(['alice@root@two', ...bastion]);
});

it('A2: leaves out what the file cannot hold, and no name writes a line of its own', async () => {
  const text = await (await get('/v1/me/ssh-config')).text();
  expect(text).not.toMatch(/ProxyCommand|CORP|%h/);
  expect(text.match(/left out/g)).toHaveLength(2);
  for (const line of text.split('\n'))
    expect(line).toMatch(/^(#.*|Host .*| {4}(HostName|Port|User|UserKnownHostsFile|StrictHostKeyChecking) \S+|)$/);
});

it('C6: the bastion’s host keys are known before the first connection', async () => {
  const file = join(tempDir(), 'known_hosts');
  writeFileSync(file, await (await get('/v1/me/known-hosts')).text());
  const found = await run('ssh-keygen', ['-l', '-F', '[bastion.example]:60023', '-f', file]);
  expect(found.stdout).toContain(hostKey.fingerprint);
});

it('is nobody’s but the caller’s: an identity that stands no longer gets a problem, not a part', async () => {
  standing = false;
  const answer = await get('/v1/me/ssh-config');
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ code: 'access.unauthenticated' });
});
