import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import {
  DeleteSecretRoute,
  ListAccountsRoute,
  ListEventsRoute,
  ListHostKeysRoute,
  ListImportableSecretsRoute,
  ListSessionsRoute,
} from '@sallyport/contracts';
import { canRunSshd, makeUserKey, ssh, waitFor, type RestClient } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, refusal, withoutWaiting } from './support/audit.js';
import {
  authorizeAlice,
  createSecret,
  importAccount,
  importHost,
  readyAccount,
  rotate,
  startRealHost,
  type RealHost,
  type SecretValue,
} from './support/real-host.js';
import { emulator, local, signInAs, sshAs } from './support/sallyport.js';

const { ok, ...why } = canRunSshd();
const accepted = (host: RealHost, user: string) =>
  host.sshd.log().filter((line) => line.startsWith('Accepted ') && line.includes(` for ${user} `)).length;

describe.skipIf(!ok)(`the story of an ECS secret, on a real sshd ${JSON.stringify(why)}`, () => {
  let host: RealHost;
  let admin: RestClient;
  let auditor: RestClient;
  beforeAll(async () => {
    [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
    const users = ['pass', 'rsapem', 'ed', 'keep', 'gone', 'shared'].map((name) => ({
      name,
      password: `first-${name}-value`,
    }));
    host = await startRealHost(users);
  });
  afterAll(() => host.sshd.stop());

  /** What the account takes at first, and the secret that says so. */
  async function firstCredential(kind: 'password' | 'rsa' | 'ed25519', user: string): Promise<SecretValue> {
    if (kind === 'password') return { kind, password: `first-${user}-value` };
    const key = await makeUserKey(kind, kind === 'rsa' ? { format: 'pem' } : {});
    await host.sshd.setAuthorizedKey(user, key.publicKey);
    return { kind: 'ssh-key', publicKey: key.publicKey, privateKey: key.privateKey };
  }

  it.each([
    ['password', 'pass'],
    ['rsa', 'rsapem'],
    ['ed25519', 'ed'],
  ] as const)('goes from creation to deletion with a %s secret (B1)', async (kind, user) => {
    const value = await firstCredential(kind, user);
    const name = await createSecret(admin, host, user, value);
    const hostId = await importHost(admin, host);
    const importable = await admin.call(ListImportableSecretsRoute, { params: { hostId }, query: { keyword: user } });
    expect(importable.items.map((item) => item.secretName)).toEqual([name]);
    const accountId = await importAccount(admin, hostId, name);
    const target = `alice@${user}@${host.name}`;
    expect(refusal((await sshAs(target, { command: 'true' })).stderr).code).toBe('target.not-found');
    await authorizeAlice(admin, hostId, [accountId]);

    await expectLogon(target, user);
    const versionId = await rotate(admin, name);
    await expectOldValueRefused(value, user);
    await expectLogon(target, user);
    expect(accepted(host, user)).toBe(2);
    const uses = await eventsOf(auditor, 'credential.released', (e) => e.data['secretName'] === name, 2);
    expect(uses.some((event) => event.data['secretVersionId'] === versionId)).toBe(true);
    for (const event of uses) expect(event.data['kmsRequestId']).toMatch(/[0-9a-f-]{36}/i);

    await admin.call(DeleteSecretRoute, { params: { name }, query: { recoveryWindowDays: 7 } });
    const refused = await sshAs(target, { command: 'true' });
    expect(refused.code).not.toBe(0);
    expect(refusal(refused.stderr)).toMatchObject({ code: 'secret.deleted', lines: 1 });
  });

  /** The user notices nothing. */
  async function expectLogon(target: string, user: string): Promise<void> {
    const { code, stdout, stderr } = await sshAs(target, { command: 'id -un' });
    expect([code, stdout, withoutWaiting(stderr)]).toEqual([0, `${user}\n`, '']);
  }

  /** The value on the host did change: what KMS had before no longer opens it. */
  async function expectOldValueRefused(value: SecretValue, user: string): Promise<void> {
    const { address, port } = host.sshd;
    const direct = { destination: `${user}@${address}`, port, command: 'true' };
    if (value.kind === 'password') {
      expect((await ssh({ ...direct, password: value.password })).code).toBe(255);
      return;
    }
    const keys = await host.sshd.run(`cat ~${user}/.ssh/authorized_keys`);
    expect(keys.stdout).not.toContain(value.publicKey.split(' ')[1]);
    expect(keys.stdout).toContain('ssh-rsa ');
  }

  it('B9: a running session lives through rotation and deletion, and takes new commands', async () => {
    const user = 'keep';
    const value = await firstCredential('password', user);
    const { secretName, target } = await readyAccount(admin, host, user, value);
    const shell = spawn(
      'ssh',
      [
        ...['-F', 'none', '-p', String(local.ssh.port), '-i', local.users.alice.privateKeyFile],
        ...['-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-o', 'LogLevel=ERROR'],
        ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
        `${target}@${local.ssh.host}`,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const lines: string[] = [];
    createInterface(shell.stdout).on('line', (line) => lines.push(line));
    const answer = (text: string) => waitFor(() => lines.includes(text), { what: text });
    shell.stdin.write('echo before\n');
    await answer('before');
    await rotate(admin, secretName);
    await admin.call(DeleteSecretRoute, { params: { name: secretName }, query: { force: true } });
    expect(refusal((await sshAs(target, { command: 'true' })).stderr).code).toBe('secret.not-found');
    shell.stdin.write('echo after\n');
    await answer('after');
    shell.stdin.end('exit 7\n');
    expect(await new Promise((resolve) => shell.once('exit', resolve))).toBe(7);
  });

  it('a key that rotates leaves the account’s other keys on the host, or takes them away where KMS does (B1)', async () => {
    const user = 'shared';
    const own = await makeUserKey('ed25519');
    const value = await firstCredential('rsa', user);
    if (value.kind !== 'ssh-key') throw new Error('a key was asked for');
    await host.sshd.setAuthorizedKey(user, value.publicKey, own.publicKey);
    const { secretName, target } = await readyAccount(admin, host, user, value);
    const byOwnKey = async () => {
      const { address, port } = host.sshd;
      const privateKeyFile = own.privateKeyFile;
      return (await ssh({ destination: `${user}@${address}`, port, command: 'true', privateKeyFile })).code;
    };
    try {
      for (const [otherAuthorizedKeys, code] of [
        ['kept', 0],
        ['removed', 255],
      ] as const) {
        await emulator('PUT', 'rules', { otherAuthorizedKeys });
        await rotate(admin, secretName);
        expect(await byOwnKey()).toBe(code);
        expect(await sshAs(target, { command: 'id -un' })).toMatchObject({ code: 0, stdout: `${user}\n` });
      }
    } finally {
      await emulator('PUT', 'rules', { otherAuthorizedKeys: 'kept' });
    }
  });

  it('pins the host key at the first logon, and names it to administrators', async () => {
    const hostId = await importHost(admin, host);
    const { items } = await admin.call(ListHostKeysRoute, { params: { hostId } });
    expect(items.length).toBeGreaterThan(0);
    for (const key of items) expect(host.sshd.hostKeys.map((k) => k.fingerprint)).toContain(key.fingerprint);
    await eventsOf(auditor, 'host-key.pinned', (event) => event.data['hostId'] === hostId);
  });

  it('B8: does not import a secret of another instance', async () => {
    const other = await startRealHost([{ name: 'gone' }]);
    const name = await createSecret(admin, other, 'gone', { kind: 'password', password: 'x' });
    const hostId = await importHost(admin, host);
    const importable = await admin.call(ListImportableSecretsRoute, { params: { hostId }, query: { keyword: 'gone' } });
    expect(importable.items).toEqual([]);
    const answer = await admin.raw('POST', `/v1/hosts/${hostId}/import-secrets`, {
      secretNames: [name, 'acs/ecs/none'],
    });
    expect(answer.json).toMatchObject({
      results: [
        { secretName: name, code: 'INVALID_ARGUMENT' },
        { secretName: 'acs/ecs/none', code: 'OBJECT_NOT_FOUND' },
      ],
    });
    const { items } = await admin.call(ListAccountsRoute, { params: { hostId } });
    expect(items.map((account) => account.secretName)).not.toContain(name);
    await other.sshd.stop();
  });

  it('is all there for an auditor: who, where, as whom, with which version', async () => {
    // Once its end is on record, so is all that came before.
    const session = await waitFor(
      async () => {
        const { items } = await auditor.call(ListSessionsRoute, { query: { status: 'closed', limit: 100 } });
        return items.find((one) => one.hostName === host.name && one.accountName === 'ed');
      },
      { what: 'a closed session' },
    );
    expect(session).toMatchObject({ username: 'alice' });
    const query = { sessionId: session.id, limit: 100 };
    const { items } = await auditor.call(ListEventsRoute, { query });
    const names = items.map((event) => event.type.replace(/^io\.sallyport\.|\.v1$/g, ''));
    for (const name of [
      'access.granted',
      'credential.released',
      'credential.signed',
      'session.opened',
      'channel.opened',
    ])
      expect(names).toContain(name);
    // Recordings are stored whenever `audit` gets to it, which is in no trace of a session.
    const traced = items.filter((event) => event.source !== '/sallyport/audit');
    expect(new Set(traced.map((event) => event.traceparent?.split('-')[1])).size).toBe(1);
    const sequences = items.map((event) => event.sequence);
    expect([...sequences].sort((a, b) => a - b)).toEqual(sequences);
  });
});
