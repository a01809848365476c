import {
  AddHostGroupMemberRoute,
  AddUserGroupMemberRoute,
  CreateAuthorizationRoute,
  CreateHostGroupRoute,
  CreateUserGroupRoute,
  DeleteAuthorizationRoute,
  DeleteHostGroupRoute,
  RemoveUserGroupMemberRoute,
  UpdateAuthorizationRoute,
  UpdateUserRoute,
} from '@sallyport/contracts';
import { canRunSshd, startSshAgent, makeUserKey, type CallInput, type RunResult } from '@sallyport/testing';
import { fingerprint } from '@sallyport/ssh-keys';
import { softAuthenticator } from '@sallyport/ssh-keys/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from './support/audit.js';
import { anonymous, emulator, local } from './support/sallyport.js';
import { isIn, openDoor, refusedWith, type Door, type More } from './support/door.js';

const { ok, ...why } = canRunSshd();
type Rules = NonNullable<CallInput<typeof UpdateUserRoute>['body']>;

describe.skipIf(!ok)(`who may log on, at a real sshd ${JSON.stringify(why)}`, () => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor();
  });
  afterAll(() => door.close());

  it('A5: with a strange key offered first, the identity and the record are of the key that signed', async () => {
    const [{ username, withKey, fingerprint }, strange] = [await door.newUser(), await makeUserKey('ed25519')];
    expect(await withKey({ args: ['-i', strange.privateKeyFile] })).toMatchObject(isIn);
    const [event] = await eventsOf(door.auditor, 'user.authenticated', ({ data }) => data['username'] === username);
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
      const { username, withKey } = await door.newUser(held);
      const logOn = () => withKey({ args: ['-o', `IdentityAgent=${agent.socket}`] });
      try {
        expect(await logOn()).toMatchObject({ code: 255, stdout: '' });
        await door.recorded(username, 'bad-signature');
        flags = 1;
        expect(await logOn()).toMatchObject(isIn);
        const [event] = await eventsOf(door.auditor, 'user.authenticated', ({ data }) => data['username'] === username);
        expect(event?.data).toMatchObject({ method: 'publickey', fingerprint: held.fingerprint });
      } finally {
        agent.stop();
      }
    },
  );

  it('E1, E3: the limits of an authorization end its sessions, after a warning, with the reason for the user and on record', async () => {
    const { authorizationId, userId, withKey } = await door.newUser();
    const params = { authorizationId };
    for (const [limit, reason] of [
      ['idleSeconds', 'idle-limit'],
      ['durationSeconds', 'duration-limit'],
    ] as const) {
      const limits = { idleSeconds: null, durationSeconds: null, [limit]: 10 };
      await door.admin.call(UpdateAuthorizationRoute, { params, body: { limits } });
      // Output keeps no session from its total time.
      const command = limit === 'idleSeconds' ? 'exec sleep 60' : 'while sleep 0.2; do echo busy; done';
      const ended = await withKey({ args: ['-tt'], command, logLevel: 'INFO' });
      expect(ended.code).toBe(255);
      expect(`${ended.stdout}${ended.stderr}`).toMatch(/ends in [1-5] seconds?\b/);
      expect(ended.stderr).toMatch(/sallyport: .*\[session\.(idle|too-long), id [0-9a-f]{32}\]/);
      const mine = ({ data }: { data: Record<string, unknown> }) =>
        data['userId'] === userId && data['reason'] === reason;
      await eventsOf(door.auditor, 'session.closed', mine);
    }
  });

  it('E4: groups: who is in one logs on to what is in the other, finds it in the ssh-config, and is out when either ends', async () => {
    const { userId, username, password, authorizationId, withKey } = await door.newUser();
    await door.admin.call(DeleteAuthorizationRoute, { params: { authorizationId } });
    const isOut = async () => {
      expect(refusedWith(await withKey({ logLevel: 'INFO' }))).toBe('target.not-found');
    };
    const name = `group of ${username}`;
    const users = await door.admin.call(CreateUserGroupRoute, { body: { name } });
    const hosts = await door.admin.call(CreateHostGroupRoute, { body: { name } });
    await door.admin.call(CreateAuthorizationRoute, { body: { userGroupId: users.id, hostGroupId: hosts.id } });
    const membership = { params: { groupId: users.id, memberId: userId } };
    await door.admin.call(AddUserGroupMemberRoute, membership);
    await isOut();
    await door.admin.call(AddHostGroupMemberRoute, { params: { groupId: hosts.id, memberId: door.hostId } });
    expect(await withKey({ destination: `${username}@${door.host.name}@${local.ssh.host}` })).toMatchObject(isIn);
    const self = await anonymous.signIn(username, password);
    expect((await self.raw('GET', '/v1/me/ssh-config')).text).toContain(`User ${username}@door@${door.host.name}\n`);

    for (const end of [
      () => door.admin.call(RemoveUserGroupMemberRoute, membership),
      () => door.admin.call(DeleteHostGroupRoute, { params: { groupId: hosts.id } }),
    ]) {
      await door.admin.call(AddUserGroupMemberRoute, membership);
      const since = new Date().toISOString();
      const running = withKey({ command: 'exec sleep 60', logLevel: 'INFO' });
      await eventsOf(door.auditor, 'session.opened', ({ data, time }) => data['userId'] === userId && time >= since);
      await end();
      const ended = await running;
      expect(ended.code).toBe(255);
      expect(ended.stderr).toMatch(/you may not use this host any more.*\[session\.revoked, id [0-9a-f]{32}\]/);
      await isOut();
    }
  });

  describe('A9: refused before any call to KMS, and before the target is dialled', () => {
    const gone = '2020-01-01T00:00:00Z';
    const weekday = (['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const)[
      (new Date().getUTCDay() + 3) % 7
    ];
    const hours = { timeZone: 'UTC', windows: [{ days: [weekday ?? 'sunday'], from: '00:00', until: '24:00' }] };
    const reads = async () =>
      (await emulator<{ calls: Record<string, number> }>('GET', 'calls')).calls['GetSecretValue'];
    const dials = () => door.host.sshd.log().filter((line) => line.startsWith('Connection from ')).length;
    const unmoved = async (attempt: () => Promise<RunResult>): Promise<RunResult> => {
      const before = [await reads(), dials()];
      const result = await attempt();
      expect([await reads(), dials()]).toEqual(before);
      return result;
    };

    it.each<[string, Rules, Rules]>([
      ['locked', { status: 'locked' }, { status: 'active' }],
      ['expired', { validUntil: gone }, { validUntil: null }],
      ['out-of-hours', { logonHours: hours }, { logonHours: null }],
      ['denied-address', { allowedAddresses: ['198.51.100.0/24'] }, { allowedAddresses: ['127.0.0.0/8'] }],
    ])('a user who is %s; without that rule, the user is let in', async (reason, rule, without) => {
      const { userId, username, password, logOn, withKey } = await door.newUser();
      const params = { userId };
      await door.admin.call(UpdateUserRoute, { params, body: rule });
      expect(refusedWith(await unmoved(() => withKey({ logLevel: 'INFO' })))).toBe('access.unauthenticated');
      await door.recorded(username, reason);
      expect(refusedWith(await unmoved(() => logOn({ password, logLevel: 'INFO' })))).toBe('access.unauthenticated');
      await door.admin.call(UpdateUserRoute, { params, body: without });
      const before = { reads: (await reads()) ?? 0, dials: dials() };
      expect(await withKey()).toMatchObject(isIn);
      expect(await reads()).toBeGreaterThan(before.reads);
      expect(dials()).toBeGreaterThan(before.dials);
    });

    it('a user whose authorization is over, or who has none', async () => {
      const { username, authorizationId, withKey } = await door.newUser();
      await door.admin.call(UpdateAuthorizationRoute, { params: { authorizationId }, body: { validUntil: gone } });
      expect(refusedWith(await unmoved(withKey))).toBe('target.not-found');
      const [event] = await eventsOf(door.auditor, 'access.denied', ({ data }) => data['username'] === username);
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
      const { username, password, logOn, withKey } = await door.newUser();
      // Places where the user has been: strangers elsewhere change nothing there.
      for (const address of ['127.0.0.41', '127.0.0.42']) expect(await withKey(from(address))).toMatchObject(isIn);
      await guess(Array.from({ length: 5 }, () => () => logOn({ ...from('127.0.0.41'), password: 'guess' })));
      const late = await logOn({ ...from('127.0.0.41'), password, logLevel: 'INFO' });
      expect(refusedWith(late)).toBe('sign-in.rate-limited');
      await door.recorded(username, 'rate-limited');
      expect(await withKey(from('127.0.0.41'))).toMatchObject(isIn);
      expect(await logOn({ ...from('127.0.0.42'), password })).toMatchObject(isIn);
    });

    it('A6: fifty wrong passwords from an address, whoever’s, and it is not heard; others are', async () => {
      const { password, logOn } = await door.newUser();
      const strangers = Array.from({ length: 25 }, (_, i) => `nobody-${i}@door@${door.host.name}@${local.ssh.host}`);
      await guess(
        strangers.map((destination) => () => logOn({ ...from('127.0.0.43'), destination, password: 'guess' })),
      );
      const late = await logOn({ ...from('127.0.0.43'), password, logLevel: 'INFO' });
      expect(refusedWith(late)).toBe('sign-in.rate-limited');
      expect(await logOn({ ...from('127.0.0.44'), password })).toMatchObject(isIn);
    });
  });
});
