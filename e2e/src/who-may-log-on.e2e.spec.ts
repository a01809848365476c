import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AddHostGroupMemberRoute,
  AddUserGroupMemberRoute,
  AddCertificateAuthorityRoute,
  BeginTotpRoute,
  ConfirmTotpRoute,
  CreateAuthorizationRoute,
  CreateHostGroupRoute,
  CreateTicketRoute,
  CreateUserGroupRoute,
  CreateUserRoute,
  DeleteAuthorizationRoute,
  DeleteHostGroupRoute,
  ListTicketsRoute,
  RemoveUserGroupMemberRoute,
  RemoveCertificateAuthorityRoute,
  RevokeTicketRoute,
  UpdateAuthorizationRoute,
  UpdateUserRoute,
  type UserId,
} from '@sallyport/contracts';
import {
  canRunSshd,
  makeUserKey,
  run,
  ssh,
  startSshAgent,
  tempDir,
  waitFor,
  type CallInput,
  type RestClient,
  type RunResult,
  type SshOptions,
  type UserKey,
} from '@sallyport/testing';
import { fingerprint } from '@sallyport/ssh-keys';
import { softAuthenticator } from '@sallyport/ssh-keys/testing';
import { generateSync } from 'otplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, refusal } from './support/audit.js';
import { captureMessages, dumpDatabase, filesBelow, runSql } from './support/places.js';
import { readyAccount, startRealHost, type RealHost } from './support/real-host.js';
import { SecretFinder } from './support/secret-forms.js';
import { anonymous, emulator, local, signInAs } from './support/sallyport.js';

const { ok, ...why } = canRunSshd();
type More = Partial<Omit<SshOptions, 'privateKeyFile'>>;

describe.skipIf(!ok)(`who may log on, at a real sshd ${JSON.stringify(why)}`, () => {
  let admin: RestClient;
  let auditor: RestClient;
  let host: RealHost;
  let hostId: string;
  beforeAll(async () => {
    [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
    host = await startRealHost([{ name: 'door', password: 'first-value' }]);
    ({ hostId } = await readyAccount(admin, host, 'door', { kind: 'password', password: 'first-value' }));
  });
  afterAll(() => host.sshd.stop());

  /** Somebody with a password and a key who may use the host. */
  const newUser = async (held?: Pick<UserKey, 'publicKey' | 'privateKeyFile' | 'fingerprint'>) => {
    const key = held ?? (await makeUserKey('ed25519'));
    const [username, password] = [`user-${randomBytes(4).toString('hex')}`, randomBytes(12).toString('hex')];
    const body = { username, password, roles: ['operator' as const], publicKeys: [key.publicKey] };
    const { id } = await admin.call(CreateUserRoute, { body });
    const permission = { userId: id, hostId };
    const { id: authorizationId } = await admin.call(CreateAuthorizationRoute, { body: permission });
    const destination = `${username}@door@${host.name}@${local.ssh.host}`;
    const logOn = (more: More): Promise<RunResult> =>
      ssh({ destination, port: local.ssh.port, command: 'echo in', ...more });
    const withKey = (more: More = {}) => logOn({ ...more, ...{ privateKeyFile: key.privateKeyFile } });
    const { fingerprint } = key;
    return { userId: id, username, password, fingerprint, authorizationId, logOn, withKey };
  };
  const isIn = { code: 0, stdout: 'in\n' };
  /** The one line with which somebody was refused; without a session there is no output. */
  const refusedWith = ({ code, stdout, stderr }: RunResult): string => {
    expect([code, stdout]).toEqual([255, '']);
    const lines = stderr.split(/\r?\n/).filter((line) => line.startsWith('sallyport:'));
    expect(lines).toHaveLength(1);
    return refusal(lines[0] ?? '').code;
  };
  /** Waits until it is on record that this is why a user was refused. */
  const recorded = (username: string, reason: string) =>
    eventsOf(
      auditor,
      'user.authentication-failed',
      ({ data }) => data['username'] === username && data['reason'] === reason,
    );

  it('A5: with a strange key offered first, the identity and the record are of the key that signed', async () => {
    const [{ username, withKey, fingerprint }, strange] = [await newUser(), await makeUserKey('ed25519')];
    expect(await withKey({ args: ['-i', strange.privateKeyFile] })).toMatchObject(isIn);
    const [event] = await eventsOf(auditor, 'user.authenticated', ({ data }) => data['username'] === username);
    expect(event?.data).toMatchObject({ method: 'publickey', fingerprint });
  });

  it.each(['sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com'] as const)(
    'a key of type %s logs on when somebody touched its authenticator, and never otherwise',
    async (type) => {
      const key = softAuthenticator(type);
      let flags = 0;
      const agent = await startSshAgent({ ...key, sign: (data) => key.sign(data, { flags }) });
      const publicKey = `${type} ${key.publicKeyBlob.toString('base64')}`;
      const held = { publicKey, privateKeyFile: agent.publicKeyFile, fingerprint: fingerprint(key.publicKeyBlob) };
      const { username, withKey } = await newUser(held);
      const logOn = () => withKey({ args: ['-o', `IdentityAgent=${agent.socket}`] });
      try {
        expect(await logOn()).toMatchObject({ code: 255, stdout: '' });
        await recorded(username, 'bad-signature');
        flags = 1;
        expect(await logOn()).toMatchObject(isIn);
        const [event] = await eventsOf(auditor, 'user.authenticated', ({ data }) => data['username'] === username);
        expect(event?.data).toMatchObject({ method: 'publickey', fingerprint: held.fingerprint });
      } finally {
        agent.stop();
      }
    },
  );

  it('E1, E3: the limits of an authorization end its sessions, after a warning, with the reason for the user and on record', async () => {
    const { authorizationId, userId, withKey } = await newUser();
    const params = { authorizationId };
    for (const [limit, reason] of [
      ['idleSeconds', 'idle-limit'],
      ['durationSeconds', 'duration-limit'],
    ] as const) {
      const limits = { idleSeconds: null, durationSeconds: null, [limit]: 4 };
      await admin.call(UpdateAuthorizationRoute, { params, body: { limits } });
      // Output keeps no session from its total time.
      const command = limit === 'idleSeconds' ? 'exec sleep 60' : 'while sleep 0.2; do echo busy; done';
      const ended = await withKey({ args: ['-tt'], command, logLevel: 'INFO' });
      expect(ended.code).toBe(255);
      expect(`${ended.stdout}${ended.stderr}`).toMatch(/ends in 2 seconds/);
      expect(ended.stderr).toMatch(/sallyport: .*\[session\.(idle|too-long), id [0-9a-f]{32}\]/);
      const mine = ({ data }: { data: Record<string, unknown> }) =>
        data['userId'] === userId && data['reason'] === reason;
      await eventsOf(auditor, 'session.closed', mine);
    }
  });

  it('E4: groups: who is in one logs on to what is in the other, finds it in the ssh-config, and is out when either ends', async () => {
    const { userId, username, password, authorizationId, withKey } = await newUser();
    await admin.call(DeleteAuthorizationRoute, { params: { authorizationId } });
    const isOut = async () => {
      expect(refusedWith(await withKey({ logLevel: 'INFO' }))).toBe('target.not-found');
    };
    const name = `group of ${username}`;
    const users = await admin.call(CreateUserGroupRoute, { body: { name } });
    const hosts = await admin.call(CreateHostGroupRoute, { body: { name } });
    await admin.call(CreateAuthorizationRoute, { body: { userGroupId: users.id, hostGroupId: hosts.id } });
    const membership = { params: { groupId: users.id, memberId: userId } };
    await admin.call(AddUserGroupMemberRoute, membership);
    await isOut();
    await admin.call(AddHostGroupMemberRoute, { params: { groupId: hosts.id, memberId: hostId } });
    expect(await withKey({ destination: `${username}@${host.name}@${local.ssh.host}` })).toMatchObject(isIn);
    const self = await anonymous.signIn(username, password);
    expect((await self.raw('GET', '/v1/me/ssh-config')).text).toContain(`User ${username}@door@${host.name}\n`);

    for (const end of [
      () => admin.call(RemoveUserGroupMemberRoute, membership),
      () => admin.call(DeleteHostGroupRoute, { params: { groupId: hosts.id } }),
    ]) {
      await admin.call(AddUserGroupMemberRoute, membership);
      const since = new Date().toISOString();
      const running = withKey({ command: 'exec sleep 60', logLevel: 'INFO' });
      await eventsOf(auditor, 'session.opened', ({ data, time }) => data['userId'] === userId && time >= since);
      await end();
      const ended = await running;
      expect(ended.code).toBe(255);
      expect(ended.stderr).toMatch(/you may not use this host any more.*\[session\.revoked, id [0-9a-f]{32}\]/);
      await isOut();
    }
  });

  describe('one-time codes', () => {
    /** Somebody who has just confirmed the code of this time step; the next one's is good as well, once. */
    const newUserWithCodes = async () => {
      const user = await newUser();
      const self = await anonymous.signIn(user.username, user.password);
      const { secret } = await self.call(BeginTotpRoute, {});
      const now = Math.floor(Date.now() / 1_000);
      await self.call(ConfirmTotpRoute, { body: { code: generateSync({ secret, epoch: now }) } });
      return { ...user, secret, code: generateSync({ secret, epoch: now + 30 }) };
    };

    it('A7: password, then code; a code is good once, a password alone never', async () => {
      const { username, password, code, logOn } = await newUserWithCodes();
      const alone = await logOn({ password, args: ['-o', 'BatchMode=yes'] });
      expect(alone).toMatchObject({ code: 255, stdout: '' });
      const wrong = code === '000000' ? '000001' : '000000';
      expect(refusedWith(await logOn({ password, code: wrong, logLevel: 'INFO' }))).toBe('access.unauthenticated');
      await recorded(username, 'wrong-code');
      expect(await logOn({ password, code })).toMatchObject(isIn);
      expect(refusedWith(await logOn({ password, code, logLevel: 'INFO' }))).toBe('access.unauthenticated');
      await recorded(username, 'replayed');
    });

    it('A7: key, as partial success, then code; a key alone never', async () => {
      const { username, code, withKey } = await newUserWithCodes();
      expect(await withKey()).toMatchObject({ code: 255, stdout: '' });
      const result = await withKey({ code, args: ['-v'] });
      expect(result).toMatchObject(isIn);
      expect(result.stderr).toContain('Authenticated using "publickey" with partial success');
      const [event] = await eventsOf(auditor, 'user.authenticated', ({ data }) => data['username'] === username);
      expect(event?.data).toMatchObject({ method: 'publickey', secondFactor: 'totp' });
    });
  });

  describe('tickets', () => {
    const issue = async (userId: UserId, more: Partial<CallInput<typeof CreateTicketRoute>['body']> = {}) =>
      admin.call(CreateTicketRoute, { body: { userId, ...more } });

    it('A8: are good once, or as often as they say, and then never again', async () => {
      const { userId, username, logOn } = await newUser();
      for (const uses of [1, 3]) {
        const { id, ticket } = await issue(userId, uses === 1 ? {} : { uses });
        for (let i = 0; i < uses; i += 1) expect(await logOn({ password: ticket })).toMatchObject(isIn);
        expect(refusedWith(await logOn({ password: ticket, logLevel: 'INFO' }))).toBe('access.unauthenticated');
        const { items } = await admin.call(ListTicketsRoute, { query: { userId } });
        expect(items.map((each) => each.id)).not.toContain(id);
      }
      const byTicket = ({ data }: { data: Record<string, unknown> }): boolean =>
        data['username'] === username && data['method'] === 'ticket';
      const used = async () => (await eventsOf(auditor, 'user.authenticated', byTicket)).length;
      await waitFor(async () => (await used()) === 4, { what: 'the record of four logons' });
    });

    it('A8: expire, are revoked, and are no way around what their user may do', async () => {
      const { userId, logOn, username } = await newUser();
      const { id, ticket } = await issue(userId, { uses: 10, expiresInSeconds: 60 });
      expect(await logOn({ password: ticket })).toMatchObject(isIn);
      const past = `created_at = now() - interval '1 hour', expires_at = now() - interval '1 second'`;
      await runSql('asset', `UPDATE tickets SET ${past} WHERE id = '${id}'`);
      expect(refusedWith(await logOn({ password: ticket, logLevel: 'INFO' }))).toBe('access.unauthenticated');
      await recorded(username, 'expired-ticket');

      const revoked = await issue(userId, { uses: 10 });
      await admin.call(RevokeTicketRoute, { params: { ticketId: revoked.id } });
      expect(refusedWith(await logOn({ password: revoked.ticket, logLevel: 'INFO' }))).toBe('access.unauthenticated');

      const elsewhere = await issue(userId, { uses: 10 });
      const destination = `${username}@root@web-1@${local.ssh.host}`;
      const other = await logOn({ destination, password: elsewhere.ticket, logLevel: 'INFO' });
      expect(refusedWith(other)).toBe('target.not-found');
    });

    it('A8: stand in no message, log, event or database', async () => {
      const messages = await captureMessages();
      const { userId, logOn } = await newUser();
      const { ticket } = await issue(userId, { uses: 1 });
      expect(await logOn({ password: ticket })).toMatchObject(isIn);
      expect(await logOn({ password: ticket })).toMatchObject({ code: 255 });
      await messages.end();
      const finder = new SecretFinder();
      finder.add('ticket', ticket);
      finder.add('its random part', ticket.replace(/^spt_/, ''));
      const places = {
        messages: messages.bytes(),
        logs: filesBelow('logs'),
        asset: await dumpDatabase('asset'),
        audit: await dumpDatabase('audit'),
      };
      for (const [place, bytes] of Object.entries(places)) {
        expect(bytes.length, place).toBeGreaterThan(1_000);
        expect(finder.findIn(bytes), place).toEqual([]);
      }
    });
  });

  describe('certificates', () => {
    const authority = async (type: 'ed25519' | 'rsa' = 'ed25519') => {
      const file = join(tempDir(), 'ca');
      await run('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', file]);
      return { file, publicKey: (await readFile(`${file}.pub`, 'utf8')).trim() };
    };
    /** Somebody without a key of their own, and what `ssh-keygen -s` makes of a new one for them. */
    const newUser = async (type: 'ed25519' | 'rsa' | 'ecdsa' = 'ed25519') => {
      const file = join(tempDir(), 'key');
      await run('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', file]);
      const username = `user-${randomBytes(4).toString('hex')}`;
      const { id: userId } = await admin.call(CreateUserRoute, { body: { username, roles: ['operator'] } });
      await admin.call(CreateAuthorizationRoute, { body: { userId, hostId } });
      const destination = `${username}@door@${host.name}@${local.ssh.host}`;
      const logOn = (more: More = {}): Promise<RunResult> =>
        ssh({ destination, port: local.ssh.port, command: 'echo in', privateKeyFile: file, ...more });
      const certify = (ca: string, ...options: string[]) => {
        const names = options.includes('-n') ? [] : ['-n', username];
        return run('ssh-keygen', ['-q', '-s', ca, '-I', 'laptop', '-z', '7', ...names, ...options, `${file}.pub`]);
      };
      return { username, certify, logOn };
    };
    const trust = ({ publicKey }: { publicKey: string }) =>
      admin.call(AddCertificateAuthorityRoute, { body: { name: 'staff', publicKey } });

    it('log on with plain ssh -i, by every kind of key, until their authority is trusted no longer', async () => {
      const ca = await authority('rsa');
      const { id: certificateAuthorityId } = await trust(ca);
      for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
        const { username, certify, logOn } = await newUser(type);
        expect(await logOn()).toMatchObject({ code: 255, stdout: '' });
        await certify(ca.file, '-t', 'rsa-sha2-512');
        expect(await logOn()).toMatchObject(isIn);
        const [event] = await eventsOf(auditor, 'user.authenticated', ({ data }) => data['username'] === username);
        expect(event?.data).toMatchObject({ method: 'publickey', certificate: { serial: '7', keyId: 'laptop' } });
        if (type !== 'rsa') continue;
        await certify(ca.file, '-t', 'ssh-rsa');
        expect(await logOn()).toMatchObject({ code: 255, stdout: '' });
        await certify(ca.file, '-t', 'rsa-sha2-256');
        await admin.call(RemoveCertificateAuthorityRoute, { params: { certificateAuthorityId } });
        expect(await logOn()).toMatchObject({ code: 255, stdout: '' });
      }
    });

    it('hold their user to a command, an address and no terminal', async () => {
      const ca = await authority();
      await trust(ca);
      const { certify, logOn } = await newUser();
      const here = ['-O', 'clear', '-O', 'source-address=127.0.0.0/8,::1/128'];
      await certify(ca.file, ...here, '-O', 'force-command=echo forced; tty');
      expect(await logOn()).toMatchObject({ stdout: 'forced\nnot a tty\n' });
      expect((await logOn({ args: ['-tt'], logLevel: 'INFO' })).stderr).toContain('PTY allocation request failed');
      await certify(ca.file, ...here, '-O', 'permit-pty');
      expect((await logOn({ args: ['-tt'], command: 'tty' })).stdout).toMatch(/^\/dev\/pts/);
    });

    it.each([
      ['expired', ['-V', '20200101:20210101']],
      ['not valid yet', ['-V', '20990101:20990102']],
      ['of another principal', ['-n', 'somebody']],
      ['of a host', ['-h']],
      ['for another address', ['-O', 'source-address=198.51.100.0/24']],
      ['with a critical option that is not known', ['-O', 'critical:x@example.com=1']],
    ])('are refused, with the key in them: %s', async (_, options) => {
      const { certify, logOn } = await newUser();
      const [ca, other] = [await authority(), await authority()];
      await trust(ca);
      await certify(other.file);
      expect(await logOn()).toMatchObject({ code: 255, stdout: '' });
      await certify(ca.file, ...options);
      expect(await logOn()).toMatchObject({ code: 255, stdout: '' });
      await certify(ca.file);
      expect(await logOn()).toMatchObject(isIn);
    });
  });

  describe('A9: refused before any call to KMS, and before the target is dialled', () => {
    const gone = '2020-01-01T00:00:00Z';
    const weekday = (['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const)[
      (new Date().getUTCDay() + 3) % 7
    ];
    const hours = { timeZone: 'UTC', windows: [{ days: [weekday ?? 'sunday'], from: '00:00', until: '24:00' }] };
    const reads = async () =>
      (await emulator<{ calls: Record<string, number> }>('GET', 'calls')).calls['GetSecretValue'];
    const dials = () => host.sshd.log().filter((line) => line.startsWith('Connection from ')).length;
    const unmoved = async (attempt: () => Promise<RunResult>): Promise<RunResult> => {
      const before = [await reads(), dials()];
      const result = await attempt();
      expect([await reads(), dials()]).toEqual(before);
      return result;
    };

    it.each([
      ['locked', { status: 'locked' }, { status: 'active' }],
      ['expired', { validUntil: gone }, { validUntil: null }],
      ['out-of-hours', { logonHours: hours }, { logonHours: null }],
      ['denied-address', { allowedAddresses: ['198.51.100.0/24'] }, { allowedAddresses: ['127.0.0.0/8'] }],
    ] as const)('a user who is %s; without that rule, the user is let in', async (reason, rule, without) => {
      const { userId, username, password, logOn, withKey } = await newUser();
      const params = { userId };
      await admin.call(UpdateUserRoute, { params, body: rule as never });
      expect(refusedWith(await unmoved(() => withKey({ logLevel: 'INFO' })))).toBe('access.unauthenticated');
      await recorded(username, reason);
      expect(refusedWith(await unmoved(() => logOn({ password, logLevel: 'INFO' })))).toBe('access.unauthenticated');
      await admin.call(UpdateUserRoute, { params, body: without as never });
      const before = { reads: (await reads()) ?? 0, dials: dials() };
      expect(await withKey()).toMatchObject(isIn);
      expect(await reads()).toBeGreaterThan(before.reads);
      expect(dials()).toBeGreaterThan(before.dials);
    });

    it('a user whose authorization is over, or who has none', async () => {
      const { username, authorizationId, withKey } = await newUser();
      await admin.call(UpdateAuthorizationRoute, { params: { authorizationId }, body: { validUntil: gone } });
      expect(refusedWith(await unmoved(withKey))).toBe('target.not-found');
      const [event] = await eventsOf(auditor, 'access.denied', ({ data }) => data['username'] === username);
      expect(event?.data['reason']).toBe('expired');
      const other = { destination: `${username}@root@web-1@${local.ssh.host}` };
      expect(refusedWith(await unmoved(() => withKey(other)))).toBe('target.not-found');
    });
  });

  describe('guesses', () => {
    const from = (address: string): More => ({ args: ['-b', address] });
    /** Each tries a wrong password twice: by `password`, and by `keyboard-interactive`. */
    const guess = async (attempts: (() => Promise<RunResult>)[]): Promise<void> => {
      while (attempts.length > 0)
        for (const { code } of await Promise.all(attempts.splice(0, 5).map((attempt) => attempt())))
          expect(code).toBe(255);
    };

    it('A6: ten wrong passwords of a user from an address, and the right one is not looked at; a key is, and another address', async () => {
      const { username, password, logOn, withKey } = await newUser();
      // Places where the user has been: strangers elsewhere change nothing there.
      for (const address of ['127.0.0.41', '127.0.0.42']) expect(await withKey(from(address))).toMatchObject(isIn);
      await guess(Array.from({ length: 5 }, () => () => logOn({ ...from('127.0.0.41'), password: 'guess' })));
      const late = await logOn({ ...from('127.0.0.41'), password, logLevel: 'INFO' });
      expect(refusedWith(late)).toBe('sign-in.rate-limited');
      await recorded(username, 'rate-limited');
      expect(await withKey(from('127.0.0.41'))).toMatchObject(isIn);
      expect(await logOn({ ...from('127.0.0.42'), password })).toMatchObject(isIn);
    });

    it('A6: fifty wrong passwords from an address, whoever’s, and it is not heard; others are', async () => {
      const { password, logOn } = await newUser();
      const strangers = Array.from({ length: 25 }, (_, i) => `nobody-${i}@door@${host.name}@${local.ssh.host}`);
      await guess(
        strangers.map((destination) => () => logOn({ ...from('127.0.0.43'), destination, password: 'guess' })),
      );
      const late = await logOn({ ...from('127.0.0.43'), password, logLevel: 'INFO' });
      expect(refusedWith(late)).toBe('sign-in.rate-limited');
      expect(await logOn({ ...from('127.0.0.44'), password })).toMatchObject(isIn);
    });
  });
});
