import { randomBytes } from 'node:crypto';
import { CreateUserRoute } from '@sallyport/contracts';
import { canRunSshd, makeUserKey, type RestClient } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, refusal, withoutWaiting } from './support/audit.js';
import { readyAccount, startRealHost, type RealHost } from './support/real-host.js';
import { local, signInAs, sshAs } from './support/sallyport.js';

const { ok, ...why } = canRunSshd();

describe('who logs on, and where to', () => {
  it.each(['alice@web-1', 'alice@root@web-1', 'alice+web-1', 'alice+root+web-1', 'alice@root+web-1'])(
    'reaches the target as %s',
    async (user) => {
      const { code, stdout, stderr } = await sshAs(user, { command: 'echo hello' });
      expect([code, stdout, withoutWaiting(stderr)]).toEqual([0, 'hello\n', '']);
    },
  );

  it('takes the host’s instance id for its name, and a password for a key', async () => {
    const { instanceId } = local.instances[0] ?? { instanceId: '' };
    expect(await sshAs(`alice@root@${instanceId}`, { command: 'true' })).toMatchObject({ code: 0 });
    const { password } = local.users.alice;
    expect(await sshAs('alice@root@web-1', { password, command: 'true' })).toMatchObject({ code: 0 });
  });

  it('refuses a wrong password, a strange key and an unknown user alike, and records each', async () => {
    const auditor = await signInAs('auditor');
    const strange = await makeUserKey();
    const nobody = `nobody-${randomBytes(3).toString('hex')}`;
    const results = [
      await sshAs('alice@root@web-1', { password: 'wrong', command: 'true' }),
      await sshAs('alice@root@web-1', { privateKeyFile: strange.privateKeyFile, command: 'true' }),
      await sshAs(`${nobody}@web-1`, { password: 'wrong', command: 'true' }),
    ];
    for (const { code, stdout } of results) expect({ code, stdout }).toEqual({ code: 255, stdout: '' });
    const failed = (fits: (data: Record<string, unknown>) => boolean) =>
      eventsOf(auditor, 'user.authentication-failed', ({ data }) => fits(data));
    await failed((data) => data['username'] === 'alice' && data['reason'] === 'wrong-password');
    await failed((data) => data['username'] === nobody && data['reason'] === 'unknown-user');
  });

  it('A4: answers alike for a host that does not exist and one that is not authorized; the audit has the difference', async () => {
    const [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
    const key = await makeUserKey();
    const username = `bob-${randomBytes(3).toString('hex')}`;
    await admin.call(CreateUserRoute, { body: { username, roles: ['operator'], publicKeys: [key.publicKey] } });
    const attempt = (target: string) =>
      sshAs(`${username}@${target}`, { privateKeyFile: key.privateKeyFile, command: 'true' });
    const [forbidden, absent] = [await attempt('web-1'), await attempt('web-9')];
    const text = (stderr: string) => stderr.replace(/[0-9a-f]{32}/, 'ID');
    expect(text(forbidden.stderr)).toBe(text(absent.stderr));
    expect(forbidden.code).toBe(absent.code);
    for (const [result, reason] of [
      [forbidden, 'forbidden'],
      [absent, 'absent'],
    ] as const) {
      const { traceId } = refusal(result.stderr);
      const [event] = await eventsOf(auditor, 'access.denied', (e) => e.traceparent?.includes(traceId) === true);
      expect(event?.data['reason']).toBe(reason);
    }
  });

  it.each([
    ['a shell', { args: [] }],
    ['a terminal', { args: ['-tt'] }],
    ['a command', { command: 'true' }],
    ['sftp', { args: ['-s'], command: 'sftp' }],
  ])('A10: a refusal is one line with a correlation id, for %s', async (_what, options) => {
    const result = await sshAs('alice@nowhere', options);
    expect(result.code).not.toBe(0);
    const said = `${result.stdout}${result.stderr}`;
    expect(refusal(said)).toMatchObject({ code: 'target.not-found', lines: 1 });
    expect(refusal(said).traceId).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe.skipIf(!ok)(`channels, on a real sshd ${JSON.stringify(why)}`, () => {
  let admin: RestClient;
  let host: RealHost;
  let target: string;
  beforeAll(async () => {
    admin = await signInAs('admin');
    host = await startRealHost([{ name: 'chan', password: 'first-value' }]);
    ({ target } = await readyAccount(admin, host, 'chan', { kind: 'password', password: 'first-value' }));
  });
  afterAll(() => host.sshd.stop());

  it.each([0, 1, 3, 126, 255])('D1: exit status %i arrives unchanged', async (status) => {
    expect(await sshAs(target, { command: `echo out; exit ${status}` })).toMatchObject({
      code: status,
      stdout: 'out\n',
    });
  });

  it.each([
    ['TERM', 'exec', []],
    ['KILL', 'exec', []],
    ['KILL', 'a terminal', ['-tt']],
  ])('D1: the end by signal %s is told as OpenSSH tells it, for %s', async (signal, _what, args) => {
    const command = `kill -${signal} $$; sleep 5`;
    const direct = await sshAs(target, { command, args: ['-v', ...args] });
    expect(direct.stderr).toMatch(args.length > 0 ? /exit-(signal|status)/ : new RegExp(`exit-signal`));
    expect(direct.code).not.toBe(0);
  });

  it('D1: the last byte of a large output comes before the exit status', async () => {
    const result = await sshAs(target, { command: 'head -c 3000000 /dev/zero | tr "\\0" x; echo end; exit 9' });
    expect(result.code).toBe(9);
    expect(result.stdout.length).toBe(3_000_004);
    expect(result.stdout.endsWith('xend\n')).toBe(true);
  });

  it('D2: standard output and error stay apart, and the end of input is passed on', async () => {
    const { stdout, stderr } = await sshAs(target, { command: 'echo out; echo err >&2' });
    expect([stdout, withoutWaiting(stderr)]).toEqual(['out\n', 'err\n']);
    expect(await sshAs(target, { command: 'cat', input: 'x\n' })).toMatchObject({ code: 0, stdout: 'x\n' });
    const million = Buffer.alloc(1_000_000, 'y');
    expect((await sshAs(target, { command: 'wc -c', input: million })).stdout.trim()).toBe('1000000');
  });

  it('passes a terminal with its size, the environment that sshd accepts, and a login shell', async () => {
    const terminal = await sshAs(target, {
      args: ['-tt'],
      command: 'stty size; tty; echo $TERM',
      env: { TERM: 'vt100' },
    });
    expect(terminal.stdout).toMatch(/\d+ \d+\r\n\/dev\/pts\/\d+\r\nvt100/);
    const env = await sshAs(target, { args: ['-o', 'SetEnv=TEST_COLOUR=blue'], command: 'echo $TEST_COLOUR' });
    expect(env.stdout).toBe('blue\n');
    expect(await sshAs(target, { input: 'id -un; exit 4\n' })).toMatchObject({ code: 4, stdout: 'chan\n' });
  });

  it('is one connection to the target for each connection of the client', async () => {
    const connections = () => host.sshd.log().filter((line) => line.startsWith('Connection from ')).length;
    const before = connections();
    await sshAs(target, { command: 'true' });
    expect(connections()).toBe(before + 1);
  });

  it('refuses a changed host key before any credential moves, and takes the new one from an administrator', async () => {
    const auditor = await signInAs('auditor');
    await host.sshd.replaceHostKeys();
    const refused = await sshAs(target, { command: 'true' });
    expect(refusal(refused.stderr).code).toBe('host-key.changed');
    const { traceId } = refusal(refused.stderr);
    const fits = (e: { traceparent?: string | undefined }) => e.traceparent?.includes(traceId) === true;
    const [event] = await eventsOf(auditor, 'host-key.refused', fits);
    expect(host.sshd.hostKeys.map((key) => key.fingerprint)).toContain(event?.data['seen']);
    // The last that is told of this logon: a release would have come before.
    await eventsOf(auditor, 'session.refused', fits);
    const released = await auditor.raw(
      'GET',
      '/v1/audit/events?type=io.sallyport.credential.released.v1&order=desc&limit=20',
    );
    expect(released.text).not.toContain(traceId);
    const { results } = (
      await admin.raw('POST', '/v1/hosts/import', { regionId: local.kms.regionId, instanceIds: [host.instanceId] })
    ).json as { results: { hostId: string }[] };
    const publicKeys = host.sshd.hostKeys.map((key) => key.publicKey);
    const replaced = await admin.raw('PUT', `/v1/hosts/${results[0]?.hostId ?? ''}/host-keys`, { publicKeys });
    expect(replaced.status).toBe(200);
    expect(await sshAs(target, { command: 'true' })).toMatchObject({ code: 0 });
    await eventsOf(auditor, 'host-key.replaced', (e) => e.data['hostId'] === results[0]?.hostId);
  });
});
