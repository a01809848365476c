import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateAuthorizationRoute,
  CreateUserRoute,
  DeleteAuthorizationRoute,
  ListHostsRoute,
} from '@sallyport/contracts';
import type { StoredEvent } from '@sallyport/contracts';
import { makeUserKey, run, tempDir } from '@sallyport/testing';
import { keys, PersonAtTerminal } from '@sallyport/testing/terminal';
import { afterEach, expect, it } from 'vitest';
import { eventsOf, withoutWaiting } from './support/audit.js';
import { local, signInAs } from './support/sallyport.js';

const people: PersonAtTerminal[] = [];
afterEach(() => {
  for (const person of people.splice(0)) person.hangUp();
});

function openMenu(username = 'alice', { privateKeyFile } = local.users.alice): PersonAtTerminal {
  const { host, port } = local.ssh;
  const person = PersonAtTerminal.ssh({ destination: `${username}@${host}`, port, privateKeyFile });
  people.push(person);
  return person;
}

it('A1: alice chooses a host from the menu, works there, is back in the menu, and leaves', async () => {
  const auditor = await signInAs('auditor');
  const alice = openMenu();
  await alice.sees('where to, alice?');
  alice.type('web-1');
  await alice.sees(/Search: web-1[^]*> \w+@web-1/);
  const before = Date.now();
  alice.type(keys.enter);
  alice.type('echo seen-$((6*7))\n');
  await alice.sees('seen-42');
  alice.type('exit\n');
  await alice.sees(/Search: web-1[^]*Back from \w+@web-1\./);
  alice.type(keys.ctrlC);
  expect(await alice.hasLeft()).toBe(0);
  const mine = ({ data, time }: StoredEvent): boolean =>
    data['username'] === 'alice' && data['hostName'] === 'web-1' && Date.parse(time) >= before - 1_000;
  const [opened] = await eventsOf(auditor, 'session.opened', mine);
  await eventsOf(auditor, 'session.closed', ({ data }) => data['sessionId'] === opened?.data['sessionId']);
});

it('E4: what is taken away while the menu stands is refused with a line, and gone from the list', async () => {
  const admin = await signInAs('admin');
  const key = await makeUserKey();
  const username = `mona-${randomBytes(3).toString('hex')}`;
  const body = { username, roles: ['operator' as const], publicKeys: [key.publicKey] };
  const { id: userId } = await admin.call(CreateUserRoute, { body });
  const hosts = await admin.call(ListHostsRoute, {});
  const hostId = hosts.items.find(({ name }) => name === 'web-1')?.id;
  if (!hostId) throw new Error('there is no web-1');
  const { id: authorizationId } = await admin.call(CreateAuthorizationRoute, { body: { userId, hostId } });
  const mona = openMenu(username, { ...local.users.alice, ...key });
  await mona.sees(/> \w+@web-1/);
  await admin.call(DeleteAuthorizationRoute, { params: { authorizationId } });
  mona.type(keys.enter);
  await mona.sees(/no target that you may log on to[^]*target\.not-found/);
});

it('A1, A3, C6: with the file that the REST gives, ssh knows the host by its name, and the bastion by its key', async () => {
  const alice = await signInAs('alice');
  const folder = tempDir();
  const [config, knownHosts] = [join(folder, 'config'), join(folder, 'known_hosts')];
  const { text } = await alice.raw('GET', '/v1/me/ssh-config');
  writeFileSync(knownHosts, (await alice.raw('GET', '/v1/me/known-hosts')).text);
  const { privateKeyFile } = local.users.alice;
  // The one thing that is not as in a home: where the file of known hosts is.
  const placed = text.replaceAll('~/.ssh/sallyport_known_hosts', knownHosts);
  const own = `Host *\n  IdentityFile ${privateKeyFile}\n  IdentitiesOnly yes\n  BatchMode yes\n  GlobalKnownHostsFile /dev/null\n`;
  writeFileSync(config, `${placed}\n${own}`);
  const { code, stdout, stderr } = await run('ssh', ['-F', config, 'web-1', 'echo direct']);
  expect([code, stdout, withoutWaiting(stderr)]).toEqual([0, 'direct\n', '']);
  const [, account = ''] = /User alice@(\S+)@web-1/.exec(text) ?? [];
  const jump = ['-F', config, '-J', 'sallyport', '-o', 'HostName=web-1', '-o', 'Port=22', '-l', account];
  const alias = ['-o', `HostKeyAlias=[${local.ssh.host}]:${local.ssh.port}`];
  const jumped = await run('ssh', [...jump, ...alias, 'web-1', 'echo jumped']);
  expect(jumped).toMatchObject({ code: 0, stdout: 'jumped\n' });
});
