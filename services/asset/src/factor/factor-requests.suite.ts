import { randomBytes } from 'node:crypto';
import type { RequestOf } from '@sallyport/contracts';
import {
  AuthenticateUserV1,
  BeginTotpV1,
  ConfirmTotpV1,
  ListFactorsV1,
  ListOwnFactorsV1,
  RemoveOwnTotpV1,
  ResetTotpV1,
  SignInV1,
} from '@sallyport/contracts';
import { seal, SealingKey } from '@sallyport/sealing';
import { generateSync } from 'otplib';
import { describe, expect, it } from 'vitest';
import { password, wayToAGrant } from '../access/way-to-a-grant.suite.js';
import type { BrokerStub } from '../broker.suite.js';
import type { CloudStub } from '../cloud.suite.js';
import { actor, clientAddress, ClientConnection, sha256, signIn } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';

/** One-time codes, from the REST to the logon. */
export function factorRequests(running: () => RunningAsset, cloud: CloudStub, broker: BrokerStub): void {
  describe('logons', () => {
    const way = wayToAGrant(running, cloud, broker, 'factor');

    describe('one-time codes', () => {
      /** Codes of this time step and of those after it, each of which asset takes once. */
      const codes = (secret: string) => {
        let step = -1;
        return () => generateSync({ secret, epoch: Math.floor(Date.now() / 1_000) + 30 * (step += 1) });
      };
      const enrol = async (username: string) => {
        const self = await actor(way.asset, await signIn(way.asset, username, password));
        const { userId } = await way.asset.verifier.identity(self, 'rest');
        const seen = await SealingKey.generate();
        const { uri } = await way.asset.api.request(BeginTotpV1, { actor: self, sealTo: seen.publicKey });
        const secret = new URL((await seen.open(uri, userId)).toString()).searchParams.get('secret') ?? '';
        const nextCode = codes(secret);
        const show = async (digits: string) => ({
          actor: self,
          code: await seal(way.asset.sealTo, Buffer.from(digits), userId),
        });
        return { self, userId, secret, nextCode, show };
      };
      const signInWith = async (username: string, otp: string | undefined) => {
        const tokenHash = sha256(randomBytes(32));
        const sealFor = (text: string) => seal(way.asset.sealTo, Buffer.from(text), tokenHash);
        const request = { username, password: await sealFor(password), clientAddress, tokenHash };
        return way.asset.api.request(SignInV1, otp === undefined ? request : { ...request, otp: await sealFor(otp) });
      };
      const firstFactor = async (connection: ClientConnection, username: string): Promise<string> => {
        const evidence = way.key.evidence(connection.sessionId, username);
        const answer = await way.asset.session.request(AuthenticateUserV1, {
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
        code: await seal(way.asset.sealTo, Buffer.from(digits), connection.connection),
        firstFactor: first,
      });

      it('A7: are set up by their owner, asked for at both doors, and taken away by their owner with a code', async () => {
        await way.newUser('otp-owner');
        const { self, userId, secret, nextCode, show } = await enrol('otp-owner');
        await new ClientConnection().logOn(way.asset, 'otp-owner', way.key);
        await way.asset.api.request(ConfirmTotpV1, await show(nextCode()));
        expect((await way.asset.api.request(ListOwnFactorsV1, { actor: self })).items).toMatchObject([
          { kind: 'totp', status: 'active' },
        ]);

        await expect(signInWith('otp-owner', undefined)).rejects.toMatchObject({ code: 'sign-in.code-needed' });
        expect(await way.last('user.sign-in-failed')).toMatchObject({ reason: 'code-missing' });
        await expect(signInWith('otp-owner', '000 000')).rejects.toMatchObject({ code: 'sign-in.failed' });
        await signInWith('otp-owner', nextCode());

        const connection = new ClientConnection();
        const first = await firstFactor(connection, 'otp-owner');
        expect(await way.last('user.factor-accepted')).toMatchObject({ userId, method: 'publickey' });

        const stored = await way.asset.postgres.query(
          `SELECT encode(encrypted_secret, 'escape') AS secret FROM totp_factors WHERE user_id = '${userId}'`,
          'asset',
        );
        expect(JSON.stringify(stored)).not.toContain(secret);
        expect(JSON.stringify(way.asset.events)).not.toContain(secret);

        await expect(way.asset.api.request(RemoveOwnTotpV1, await show('000000'))).rejects.toMatchObject({
          code: 'factor.wrong-code',
        });
        expect(await way.last('factor.refused')).toMatchObject({ userId, reason: 'wrong-code' });
        // Time steps that were used at one door are used at all of them; the clock gives a new one when it wants to.
        await way.asset.postgres.query(`UPDATE totp_factors SET last_step = 0 WHERE user_id = '${userId}'`, 'asset');
        await way.asset.api.request(RemoveOwnTotpV1, await show(codes(secret)()));
        expect(await way.last('factor.removed')).toMatchObject({ actorId: userId, userId });
        const late = codeEvidence(connection, first, codes(secret)());
        await expect(connection.authenticate(way.asset, 'otp-owner', await late)).rejects.toMatchObject({
          code: 'access.unauthenticated',
        });
        await signInWith('otp-owner', undefined);
      });

      it('A7: are good once, whichever replica is asked', async () => {
        await way.newUser('otp-once');
        const { nextCode, show } = await enrol('otp-once');
        await way.asset.api.request(ConfirmTotpV1, await show(nextCode()));
        const replica = await way.asset.startReplica();
        const digits = nextCode();
        const attempts = await Promise.all(
          Array.from({ length: 4 }, async () => {
            const connection = new ClientConnection();
            const first = await firstFactor(connection, 'otp-once');
            return { connection, evidence: await codeEvidence(connection, first, digits) };
          }),
        );
        const results = await Promise.allSettled(
          attempts.map(({ connection, evidence }) => connection.authenticate(way.asset, 'otp-once', evidence)),
        );
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(await way.last('user.authentication-failed')).toMatchObject({ method: 'code', reason: 'replayed' });
        const [identity] = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
        expect(await way.asset.verifier.identity(identity ?? '', 'ssh')).toMatchObject({ secondFactor: 'totp' });
        expect((await replica.stop({ graceMs: 60_000 })).code).toBe(0);
      });

      it('are taken away by an administrator when the device is lost, and by nobody else', async () => {
        await way.newUser('otp-lost');
        const { self, userId, nextCode, show } = await enrol('otp-lost');
        await expect(way.asset.api.request(ResetTotpV1, { actor: self, userId })).rejects.toMatchObject({
          code: 'access.forbidden',
        });
        await way.asset.api.request(ConfirmTotpV1, await show(nextCode()));
        await expect(
          way.asset.api.request(BeginTotpV1, { actor: self, sealTo: way.asset.sealTo }),
        ).rejects.toMatchObject({
          code: 'factor.exists',
        });
        await way.asset.api.request(ResetTotpV1, { actor: way.admin, userId });
        expect(await way.last('factor.removed')).toMatchObject({ userId, kind: 'totp' });
        expect(await way.asset.api.request(ListFactorsV1, { actor: way.admin, userId })).toEqual({ items: [] });
        await expect(way.asset.api.request(ResetTotpV1, { actor: way.admin, userId })).rejects.toMatchObject({
          code: 'factor.not-found',
        });
        await new ClientConnection().logOn(way.asset, 'otp-lost', way.key);
      });
    });
  });
}
