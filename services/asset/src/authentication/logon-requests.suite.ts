import { randomBytes, randomUUID } from 'node:crypto';
import type { RequestOf, UserId } from '@sallyport/contracts';
import {
  AuthenticateUserV1,
  AuthorizeAccessV1,
  BeginTotpV1,
  ConfirmTotpV1,
  CreateAuthorizationV1,
  CreateTicketV1,
  HostId,
  ImportHostsV1,
  ImportSecretsV1,
  ListFactorsV1,
  ListOwnFactorsV1,
  ListTicketsV1,
  RemoveOwnTotpV1,
  ResetTotpV1,
  ResolveTokenV1,
  RevokeTicketV1,
  SessionId,
  SignInV1,
  UpdateUserV1,
} from '@sallyport/contracts';
import { seal, SealingKey } from '@sallyport/sealing';
import { generateSync } from 'otplib';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BrokerStub } from '../broker.suite.js';
import type { CloudStub } from '../cloud.suite.js';
import { describedInstance } from '../cloud.suite.js';
import { actor, clientAddress, ClientConnection, createUser, Key, sha256, signIn } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';
import { LIMITS } from '../sign-in/rate-limit.js';

type Rules = Omit<RequestOf<typeof UpdateUserV1>, 'actor' | 'userId'>;
const password = 'correct horse battery';

/** Second factors, tickets, and rules for who may log on from where and when: from the REST to the grant. */
export function logonRequests(running: () => RunningAsset, cloud: CloudStub, broker: BrokerStub): void {
  describe('logons', () => {
    const key = new Key();
    const hosts: { id: HostId; name: string }[] = [];
    let asset: RunningAsset;
    let admin: string;
    beforeAll(async () => {
      asset = running();
      admin = await actor(asset, await signIn(asset));
      const names = ['i-logon-1', 'i-logon-2'];
      cloud.instances = names.map((name) => describedInstance(name));
      const imported = { actor: admin, regionId: 'cn-hangzhou', instanceIds: names };
      const { results } = await asset.api.request(ImportHostsV1, imported);
      for (const { instanceId: name, hostId } of results) {
        const [id, secretName] = [HostId.parse(hostId), `acs/ecs/${name}-root`];
        broker.set(secretName, { instanceId: name });
        await asset.api.request(ImportSecretsV1, { actor: admin, hostId: id, secretNames: [secretName] });
        hosts.push({ id, name });
      }
    });
    beforeEach(async () => {
      admin = await actor(asset, await signIn(asset));
    });

    const newUser = async (username: string): Promise<UserId> => {
      const { id: userId } = await createUser(asset, admin, { username, password, publicKeys: [key.line] });
      for (const { id: hostId } of hosts)
        await asset.api.request(CreateAuthorizationV1, { actor: admin, userId, hostId });
      return userId;
    };
    const authorize = (identity: string, host: string): Promise<unknown> => {
      const sessionId = SessionId.parse(randomUUID());
      return asset.session.request(AuthorizeAccessV1, { identity, sessionId, target: { host }, sealTo: 'c2VhbA==' });
    };
    const last = async (event: string) => (await asset.recorded(event)).at(-1);
    const client = () => new ClientConnection();

    describe('one-time codes', () => {
      /** Codes of this time step and of those after it, each of which asset takes once. */
      const codes = (secret: string) => {
        let step = -1;
        return () => generateSync({ secret, epoch: Math.floor(Date.now() / 1_000) + 30 * (step += 1) });
      };
      const enrol = async (username: string) => {
        const self = await actor(asset, await signIn(asset, username, password));
        const { userId } = await asset.verifier.identity(self, 'rest');
        const seen = await SealingKey.generate();
        const { uri } = await asset.api.request(BeginTotpV1, { actor: self, sealTo: seen.publicKey });
        const secret = new URL((await seen.open(uri, userId)).toString()).searchParams.get('secret') ?? '';
        const nextCode = codes(secret);
        const show = async (digits: string) => ({
          actor: self,
          code: await seal(asset.sealTo, Buffer.from(digits), userId),
        });
        return { self, userId, secret, nextCode, show };
      };
      const signInWith = async (username: string, otp: string | undefined) => {
        const tokenHash = sha256(randomBytes(32));
        const sealFor = (text: string) => seal(asset.sealTo, Buffer.from(text), tokenHash);
        const request = { username, password: await sealFor(password), clientAddress, tokenHash };
        return asset.api.request(SignInV1, otp === undefined ? request : { ...request, otp: await sealFor(otp) });
      };
      const firstFactor = async (connection: ClientConnection, username: string): Promise<string> => {
        const evidence = key.evidence(connection.sessionId, username);
        const answer = await asset.session.request(AuthenticateUserV1, {
          username,
          sshUserName: username,
          clientAddress,
          connection: connection.connection,
          evidence,
        });
        if (!('firstFactor' in answer)) throw new Error('no code was asked for');
        return answer.firstFactor;
      };
      const codeEvidence = async (
        connection: ClientConnection,
        first: string,
        digits: string,
      ): Promise<RequestOf<typeof AuthenticateUserV1>['evidence']> => ({
        method: 'code',
        code: await seal(asset.sealTo, Buffer.from(digits), connection.connection),
        firstFactor: first,
      });

      it('A7: are set up by their owner, asked for at both doors, and taken away by their owner with a code', async () => {
        await newUser('otp-owner');
        const { self, userId, secret, nextCode, show } = await enrol('otp-owner');
        await client().logOn(asset, 'otp-owner', key);
        await asset.api.request(ConfirmTotpV1, await show(nextCode()));
        expect((await asset.api.request(ListOwnFactorsV1, { actor: self })).items).toMatchObject([
          { kind: 'totp', status: 'active' },
        ]);

        await expect(signInWith('otp-owner', undefined)).rejects.toMatchObject({ code: 'sign-in.code-needed' });
        expect(await last('user.sign-in-failed')).toMatchObject({ reason: 'code-missing' });
        await expect(signInWith('otp-owner', '000 000')).rejects.toMatchObject({ code: 'sign-in.failed' });
        await signInWith('otp-owner', nextCode());

        const connection = client();
        const first = await firstFactor(connection, 'otp-owner');
        expect(await last('user.factor-accepted')).toMatchObject({ userId, method: 'publickey' });

        const stored = await asset.postgres.query(
          `SELECT encode(encrypted_secret, 'escape') AS secret FROM totp_factors WHERE user_id = '${userId}'`,
          'asset',
        );
        expect(JSON.stringify(stored)).not.toContain(secret);
        expect(JSON.stringify(asset.events)).not.toContain(secret);

        await expect(asset.api.request(RemoveOwnTotpV1, await show('000000'))).rejects.toMatchObject({
          code: 'factor.wrong-code',
        });
        expect(await last('factor.refused')).toMatchObject({ userId, reason: 'wrong-code' });
        // Time steps that were used at one door are used at all of them; the clock gives a new one when it wants to.
        await asset.postgres.query(`UPDATE totp_factors SET last_step = 0 WHERE user_id = '${userId}'`, 'asset');
        await asset.api.request(RemoveOwnTotpV1, await show(codes(secret)()));
        expect(await last('factor.removed')).toMatchObject({ actorId: userId, userId });
        const late = codeEvidence(connection, first, codes(secret)());
        await expect(connection.authenticate(asset, 'otp-owner', await late)).rejects.toMatchObject({
          code: 'access.unauthenticated',
        });
        await signInWith('otp-owner', undefined);
      });

      it('A7: are good once, whichever replica is asked', async () => {
        await newUser('otp-once');
        const { nextCode, show } = await enrol('otp-once');
        await asset.api.request(ConfirmTotpV1, await show(nextCode()));
        const replica = await asset.startReplica();
        const digits = nextCode();
        const attempts = await Promise.all(
          Array.from({ length: 4 }, async () => {
            const connection = client();
            const first = await firstFactor(connection, 'otp-once');
            return { connection, evidence: await codeEvidence(connection, first, digits) };
          }),
        );
        const results = await Promise.allSettled(
          attempts.map(({ connection, evidence }) => connection.authenticate(asset, 'otp-once', evidence)),
        );
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(await last('user.authentication-failed')).toMatchObject({ method: 'code', reason: 'replayed' });
        const [identity] = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
        expect(await asset.verifier.identity(identity ?? '', 'ssh')).toMatchObject({ secondFactor: 'totp' });
        expect((await replica.stop()).code).toBe(0);
      });

      it('are taken away by an administrator when the device is lost, and by nobody else', async () => {
        await newUser('otp-lost');
        const { self, userId, nextCode, show } = await enrol('otp-lost');
        await expect(asset.api.request(ResetTotpV1, { actor: self, userId })).rejects.toMatchObject({
          code: 'access.forbidden',
        });
        await asset.api.request(ConfirmTotpV1, await show(nextCode()));
        await expect(asset.api.request(BeginTotpV1, { actor: self, sealTo: asset.sealTo })).rejects.toMatchObject({
          code: 'factor.exists',
        });
        await asset.api.request(ResetTotpV1, { actor: admin, userId });
        expect(await last('factor.removed')).toMatchObject({ userId, kind: 'totp' });
        expect(await asset.api.request(ListFactorsV1, { actor: admin, userId })).toEqual({ items: [] });
        await expect(asset.api.request(ResetTotpV1, { actor: admin, userId })).rejects.toMatchObject({
          code: 'factor.not-found',
        });
        await client().logOn(asset, 'otp-lost', key);
      });
    });

    describe('tickets', () => {
      const issue = async (fields: Partial<RequestOf<typeof CreateTicketV1>> & { userId: UserId }) => {
        const text = `spt_${randomBytes(32).toString('base64url')}`;
        const defaults = { actor: admin, ticketHash: sha256(text), uses: 1, expiresInSeconds: 600 };
        return { text, ticket: await asset.api.request(CreateTicketV1, { ...defaults, ...fields }) };
      };
      const logOnWith = async (username: string, text: string): Promise<string> => {
        const connection = client();
        return connection.authenticate(asset, username, await connection.password(asset, text));
      };

      it('A8: are good as often as they say, for what they say, and until they are revoked', async () => {
        const userId = await newUser('ticket-user');
        const [one, other] = hosts;
        if (!one || !other) throw new Error('there are two');
        const { text, ticket } = await issue({ userId, hostId: one.id, uses: 2 });
        expect(await last('ticket.created')).toMatchObject({ ticketId: ticket.id, userId, hostId: one.id, uses: 2 });

        const identity = await logOnWith('ticket-user', text);
        await authorize(identity, one.name);
        await expect(authorize(identity, other.name)).rejects.toMatchObject({ code: 'target.not-found' });
        expect(await last('access.denied')).toMatchObject({ reason: 'ticket', hostId: other.id });
        const { items } = await asset.api.request(ListTicketsV1, { actor: admin, limit: 50, userId });
        expect(items).toEqual([{ ...ticket, usesLeft: 1 }]);

        const refused = { code: 'access.unauthenticated', message: 'not authenticated' };
        await expect(logOnWith('admin', text)).rejects.toMatchObject(refused);
        await asset.api.request(RevokeTicketV1, { actor: admin, ticketId: ticket.id });
        expect(await last('ticket.revoked')).toMatchObject({ ticketId: ticket.id, usesLeft: 1 });
        await expect(logOnWith('ticket-user', text)).rejects.toMatchObject(refused);
        await expect(asset.api.request(RevokeTicketV1, { actor: admin, ticketId: ticket.id })).rejects.toMatchObject({
          code: 'ticket.not-found',
        });
        expect(JSON.stringify(asset.events)).not.toContain(text);
      });

      it('A8: end by themselves, and open nothing that the user may not use', async () => {
        const { id: userId } = await createUser(asset, admin, { username: 'ticket-only' });
        const { text, ticket } = await issue({ userId, uses: 5 });
        const identity = await logOnWith('ticket-only', text);
        await expect(authorize(identity, hosts[0]?.name ?? '')).rejects.toMatchObject({ code: 'target.not-found' });
        expect(await last('access.denied')).toMatchObject({ reason: 'forbidden' });
        const past = `expires_at = now() - interval '1 second', created_at = now() - interval '1 hour'`;
        await asset.postgres.query(`UPDATE tickets SET ${past} WHERE id = '${ticket.id}'`, 'asset');
        await expect(logOnWith('ticket-only', text)).rejects.toMatchObject({ code: 'access.unauthenticated' });
        expect(await last('user.authentication-failed')).toMatchObject({ reason: 'expired-ticket' });
      });

      it('are made for users, hosts and accounts that there are', async () => {
        const userId = await newUser('ticket-nowhere');
        const nowhere = HostId.parse(randomUUID());
        await expect(issue({ userId, hostId: nowhere })).rejects.toMatchObject({ code: 'host.not-found' });
        await expect(issue({ userId: randomUUID() as UserId })).rejects.toMatchObject({ code: 'user.not-found' });
      });
    });

    describe('A9: a rule for a user', () => {
      it.each<[string, string, Rules]>([
        ['denied-address', 'denied-address', { allowedAddresses: ['198.51.100.0/24', '2001:db8::/32'] }],
        ['expired', 'user-expired', { validUntil: '2020-01-01T00:00:00Z' }],
        ['not-yet-valid', 'user-not-yet-valid', { validFrom: '2999-01-01T00:00:00Z' }],
        ['out-of-hours', 'out-of-hours', { logonHours: { timeZone: 'UTC', windows: [weekdayAfterTomorrow()] } }],
      ])('keeps out of both doors, and of a grant: %s', async (reason, denial, rules) => {
        const username = `rule-${reason}`;
        const userId = await newUser(username);
        const token = await signIn(asset, username, password);
        const identity = await client().logOn(asset, username, key);
        const after = await asset.api.request(UpdateUserV1, { actor: admin, userId, ...rules });
        expect(await last('user.updated')).toMatchObject({ after });

        const refused = { code: 'access.unauthenticated', message: 'not authenticated' };
        await expect(authorize(identity, hosts[0]?.name ?? '')).rejects.toMatchObject(refused);
        expect(await last('access.denied')).toMatchObject({ userId, reason: denial });
        await expect(client().logOn(asset, username, key)).rejects.toMatchObject(refused);
        expect(await last('user.authentication-failed')).toMatchObject({ username, reason });
        await expect(signIn(asset, username, password)).rejects.toMatchObject({ code: 'sign-in.failed' });
        expect(await last('user.sign-in-failed')).toMatchObject({ username, reason });
        const resolved = asset.api.request(ResolveTokenV1, { tokenHash: token, clientAddress });
        await expect(resolved).rejects.toMatchObject({ code: 'access.unauthenticated' });

        const none = { allowedAddresses: [], validFrom: null, validUntil: null, logonHours: null };
        await asset.api.request(UpdateUserV1, { actor: admin, userId, ...none });
        await authorize(await client().logOn(asset, username, key), hosts[0]?.name ?? '');
      });

      it('cannot be put on the last administrator', async () => {
        const { userId } = await asset.verifier.identity(admin, 'rest');
        const rules = { validUntil: '2999-01-01T00:00:00Z' };
        await expect(asset.api.request(UpdateUserV1, { actor: admin, userId, ...rules })).rejects.toMatchObject({
          code: 'request.invalid',
        });
      });
    });

    it('A6: strangers who know a name shut its owner out neither with a key nor from where the owner has been', async () => {
      await newUser('a6-owner');
      await signIn(asset, 'a6-owner', password);
      for (let i = 0; i < LIMITS.perUser; i += 1) {
        const [stranger, from] = [client(), `203.0.113.${200 + i}`];
        const guess = stranger.authenticate(asset, 'a6-owner', await stranger.password(asset, 'guess'), {
          clientAddress: from,
        });
        await expect(guess).rejects.toMatchObject({ code: 'access.unauthenticated' });
      }
      const elsewhere = client();
      const evidence = await elsewhere.password(asset, password);
      const attempt = elsewhere.authenticate(asset, 'a6-owner', evidence, { clientAddress: '203.0.113.250' });
      await expect(attempt).rejects.toMatchObject({ code: 'sign-in.rate-limited', retryable: true });
      expect(await last('user.authentication-failed')).toMatchObject({ username: 'a6-owner', reason: 'rate-limited' });
      await client().logOn(asset, 'a6-owner', key);
      const home = client();
      await home.authenticate(asset, 'a6-owner', await home.password(asset, password));
    });
  });
}

/** A window that is not now, nor soon. */
function weekdayAfterTomorrow() {
  const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
  const day = days[(new Date().getUTCDay() + 2) % 7] ?? 'sunday';
  return { days: [day], from: '00:00', until: '24:00' };
}
