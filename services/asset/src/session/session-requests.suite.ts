import { randomUUID } from 'node:crypto';
import {
  AddPublicKeyV1,
  AuthorizeAccessV1,
  DeleteAccountV1,
  DeleteAuthorizationV1,
  ListPublicKeysV1,
  RemovePublicKeyV1,
  ReviewSessionsV1,
  SessionId,
  TerminateSessionV1,
  UpdateUserV1,
} from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import { wayToAGrant } from '../access/way-to-a-grant.suite.js';
import type { BrokerStub } from '../broker.suite.js';
import type { CloudStub } from '../cloud.suite.js';
import { Key } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';

/** The open sessions that have to end, and who may not come back. */
export function sessionRequests(running: () => RunningAsset, cloud: CloudStub, broker: BrokerStub): void {
  describe('the way to a grant', () => {
    const way = wayToAGrant(running, cloud, broker, 'session');
    const { key, newHost, newUser, permit, authorize, logOn, denied } = way;

    describe('access', () => {
      it('E4, E5: names the open sessions that have to end: ended by somebody, locked, without an authorization', async () => {
        const { hostId, name } = await newHost('10.1.0.7', 'root');
        const { id: userId } = await newUser('with-a-session');
        const authorization = await permit({ userId, hostId });
        const identity = await logOn('with-a-session');
        const granted = await way.asset.verifier.grant(await authorize(identity, name));
        const { sessionId, clientAddress } = granted;
        const open = { sessionId, userId, clientAddress, hostId, accountId: granted.account.accountId };
        const review = async () => (await way.asset.session.request(ReviewSessionsV1, { sessions: [open] })).ended;
        expect(await review()).toEqual([]);
        await way.asset.api.request(UpdateUserV1, { actor: way.admin, userId, status: 'locked' });
        expect(await review()).toMatchObject([{ sessionId, why: 'revoked' }]);
        await way.asset.api.request(UpdateUserV1, { actor: way.admin, userId, status: 'active' });
        expect(await review()).toEqual([]);

        const reason = 'maintenance';
        await way.asset.api.request(TerminateSessionV1, { actor: way.admin, sessionId, reason, keepOutSeconds: 600 });
        expect((await way.asset.recorded('session.terminated')).at(-1)).toMatchObject({ sessionId, reason });
        await authorize(identity, name);
        expect(await review()).toEqual([{ sessionId, why: 'terminated', text: reason }]);
        await expect(authorize(identity, name)).rejects.toMatchObject({ code: 'access.kept-out' });
        expect(await denied()).toMatchObject({ reason: 'kept-out' });
        await way.asset.postgres.query(`UPDATE kept_out_users SET until = now() WHERE user_id = '${userId}'`, 'asset');
        await authorize(identity, name);

        const other = { ...open, sessionId: SessionId.parse(randomUUID()) };
        await way.asset.api.request(DeleteAuthorizationV1, { actor: way.admin, authorizationId: authorization.id });
        const { ended } = await way.asset.session.request(ReviewSessionsV1, { sessions: [other] });
        expect(ended).toMatchObject([{ sessionId: other.sessionId, why: 'revoked' }]);
      });

      it('E4: names the open sessions whose key or account was removed, and no others', async () => {
        const { hostId, name } = await newHost('10.1.0.8', 'root');
        const { id: userId } = await newUser('on-a-key', hostId);
        const grant = await way.asset.verifier.grant(await authorize(await logOn('on-a-key'), name));
        const { sessionId, clientAddress, account } = grant;
        const open = { sessionId, userId, clientAddress, hostId, accountId: account.accountId };
        const review = async () => (await way.asset.session.request(ReviewSessionsV1, { sessions: [open] })).ended;
        expect(await review()).toEqual([]);
        const { items } = await way.asset.api.request(ListPublicKeysV1, { actor: way.admin, userId });
        const other = await way.asset.api.request(AddPublicKeyV1, {
          actor: way.admin,
          userId,
          publicKey: new Key().line,
        });
        await way.asset.api.request(RemovePublicKeyV1, { actor: way.admin, userId, publicKeyId: other.id });
        expect(await review()).toEqual([]);
        for (const { id: publicKeyId } of items)
          await way.asset.api.request(RemovePublicKeyV1, { actor: way.admin, userId, publicKeyId });
        expect(await review()).toMatchObject([
          { sessionId, why: 'revoked', text: expect.stringContaining('key') as string },
        ]);
        await way.asset.api.request(AddPublicKeyV1, { actor: way.admin, userId, publicKey: key.line });
        expect(await review()).toEqual([]);
        await way.asset.api.request(DeleteAccountV1, { actor: way.admin, hostId, accountId: account.accountId });
        expect(await review()).toMatchObject([{ sessionId, why: 'revoked' }]);
      });

      it('E5, B11: a session process that was taken over keeps no other user out, nor takes over a session of his', async () => {
        const { hostId, name } = await newHost('10.1.0.9', 'root');
        await newUser('logs-on-through-it', hostId);
        const { id: victim } = await newUser('logs-on-elsewhere', hostId);
        const [identity, victims] = [await logOn('logs-on-through-it'), await logOn('logs-on-elsewhere')];
        const { sessionId, clientAddress, account } = await way.asset.verifier.grant(await authorize(identity, name));
        const reason = 'ended';
        const named = { sessionId, userId: victim, clientAddress, hostId, accountId: account.accountId };
        const strange = { ...named, sessionId: SessionId.parse(randomUUID()) };
        for (const ended of [sessionId, strange.sessionId])
          await way.asset.api.request(TerminateSessionV1, {
            actor: way.admin,
            sessionId: ended,
            reason,
            keepOutSeconds: 600,
          });
        expect((await way.asset.session.request(ReviewSessionsV1, { sessions: [named, strange] })).ended).toHaveLength(
          2,
        );
        await authorize(victims, name);
        await expect(authorize(identity, name)).rejects.toMatchObject({ code: 'access.kept-out' });
        const stolen = { identity: victims, sessionId, target: { host: name }, sealTo: 'c2VhbA==' };
        await expect(way.asset.session.request(AuthorizeAccessV1, stolen)).rejects.toMatchObject({
          code: 'request.invalid',
        });
      });
    });
  });
}
