import { DeleteUserV1, ProtocolPolicy, UpdateUserV1 } from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import { password, wayToAGrant } from './way-to-a-grant.suite.js';
import type { BrokerStub } from '../broker.suite.js';
import type { CloudStub } from '../cloud.suite.js';
import { ClientConnection, createUser, Key } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';

/** The way from a proof on an SSH connection to a grant. */
export function accessRequests(running: () => RunningAsset, cloud: CloudStub, broker: BrokerStub): void {
  describe('the way to a grant', () => {
    const way = wayToAGrant(running, cloud, broker, 'access');
    const { key, newHost, newUser, permit, authorize, logOn, denied } = way;

    describe('authentication', () => {
      it('A5: who offered a key without proof is nobody yet, and becomes who signs', async () => {
        const other = new Key();
        await newUser('a5-one');
        await createUser(way.asset, way.admin, { username: 'a5-two', publicKeys: [other.line] });
        const client = new ClientConnection();
        await expect(
          client.authenticate(way.asset, 'a5-two', key.evidence(client.sessionId, 'a5-two')),
        ).rejects.toMatchObject({
          code: 'access.unauthenticated',
        });
        expect((await way.asset.recorded('user.authentication-failed')).at(-1)).toMatchObject({
          reason: 'unknown-key',
        });
        const identity = await client.logOn(way.asset, 'a5-two', other);
        expect((await way.asset.verifier.identity(identity, 'ssh')).username).toBe('a5-two');
      });

      it('takes evidence once, whichever replica sees it', async () => {
        await newUser('once');
        const replica = await way.asset.startReplica();
        const client = new ClientConnection();
        const evidence = [key.evidence(client.sessionId, 'once'), await client.password(way.asset, password)];
        for (const one of evidence) {
          const tries = Array.from({ length: 8 }, () =>
            client.authenticate(way.asset, 'once', one).catch(() => 'refused'),
          );
          const believed = (await Promise.all(tries)).filter((answer) => answer !== 'refused');
          expect(believed).toHaveLength(1);
        }
        expect(
          (await way.asset.recorded('user.authenticated')).filter((event) => event['username'] === 'once'),
        ).toHaveLength(2);
        await replica.stop();
      });

      it('cannot be moved to another connection', async () => {
        await newUser('moved');
        const [mine, theirs] = [new ClientConnection(), new ClientConnection()];
        const evidence = [key.evidence(mine.sessionId, 'moved'), await mine.password(way.asset, password)];
        for (const one of evidence)
          await expect(theirs.authenticate(way.asset, 'moved', one)).rejects.toMatchObject({
            code: 'access.unauthenticated',
          });
      });
    });

    describe('access', () => {
      it('A4: absent and forbidden are one answer to the user, and two to the auditor', async () => {
        const { hostId, name } = await newHost('10.1.0.1', 'root');
        await newUser('a4');
        const identity = await logOn('a4');
        const messages: string[] = [];
        for (const [host, event] of [
          [name, { reason: 'forbidden', hostId }],
          ['no-such-host', { reason: 'absent' }],
        ] as const) {
          const error = await authorize(identity, host, 'root').catch((cause: unknown) => cause);
          expect(error).toMatchObject({ code: 'target.not-found' });
          messages.push((error as Error).message);
          expect(await denied()).toMatchObject({ username: 'a4', target: `root@${host}`, ...event });
        }
        expect(new Set(messages).size).toBe(1);
      });

      it('A4: absent and forbidden take equally long: neither is the slower one', async () => {
        const { name } = await newHost('10.1.0.9', 'root');
        await newUser('a4-time');
        const identity = await logOn('a4-time');
        const took = async (host: string): Promise<number> => {
          const start = performance.now();
          await expect(authorize(identity, host, 'root')).rejects.toMatchObject({ code: 'target.not-found' });
          return performance.now() - start;
        };
        const times: { forbidden: number; absent: number }[] = [];
        for (let i = 0; i < 50; i += 1) {
          // Turn about, so that what else happens on the machine falls on both.
          const forbidden = await took(name);
          times.push({ forbidden, absent: await took(`no-such-host-${i}`) });
        }
        // In how many of all pairs forbidden took longer: about half when both do the same work, whatever the noise.
        const pairs = times.flatMap(({ forbidden }) => times.map(({ absent }) => forbidden > absent));
        const share = pairs.filter((longer) => longer).length / pairs.length;
        expect(share).toBeGreaterThan(0.15);
        expect(share).toBeLessThan(0.85);
      });

      it('finds a host by name, instance id and address, and asks when several are meant', async () => {
        const [one, two] = [await newHost('10.1.0.2', 'root', 'deploy'), await newHost('10.1.0.2', 'root')];
        await newUser('finder', one.hostId);
        const identity = await logOn('finder');
        for (const host of [one.name, one.name.toUpperCase(), '10.1.0.2']) {
          const grant = await way.asset.verifier.grant(await authorize(identity, host, 'deploy'));
          expect(grant).toMatchObject({ host: { hostId: one.hostId }, account: { userName: 'deploy' } });
        }
        await expect(authorize(identity, one.name)).rejects.toMatchObject({
          code: 'target.ambiguous',
          message: expect.stringContaining('deploy, root') as string,
        });
        expect(await denied()).toMatchObject({ reason: 'ambiguous', hostId: one.hostId });
        expect((await way.asset.verifier.grant(await authorize(identity, one.name, 'root'))).account.userName).toBe(
          'root',
        );

        await newUser('finder-of-both', one.hostId, two.hostId);
        const both = await logOn('finder-of-both');
        await expect(authorize(both, '10.1.0.2', 'root')).rejects.toMatchObject({
          code: 'target.ambiguous',
          message: expect.stringMatching(`${one.name} .*${two.name} `) as string,
        });
      });

      it('goes by the time of day', async () => {
        const { hostId, name } = await newHost('10.1.0.3', 'root');
        const user = await newUser('timed');
        const identity = await logOn('timed');
        await permit({ userId: user.id, hostId, validUntil: '2020-01-01T00:00:00Z' });
        await expect(authorize(identity, name)).rejects.toMatchObject({ code: 'target.not-found' });
        expect(await denied()).toMatchObject({ reason: 'expired' });
        await permit({ userId: user.id, hostId, validFrom: '2999-01-01T00:00:00Z' });
        await expect(authorize(identity, name)).rejects.toMatchObject({ code: 'target.not-found' });
        expect(await denied()).toMatchObject({ reason: 'not-yet-valid' });
        await permit({
          userId: user.id,
          hostId,
          validFrom: '2020-01-01T00:00:00Z',
          validUntil: '2999-01-01T00:00:00Z',
        });
        await authorize(identity, name);
      });

      it('carries the policy and the limits of all that is live for the account', async () => {
        const { hostId, name } = await newHost('10.1.0.6', 'root');
        const { id: userId } = await newUser('with-policy');
        const policyOf = (switches: object) => ({ userId, hostId, policy: ProtocolPolicy.parse(switches) });
        await permit({ ...policyOf({ shell: false, localForward: true }), limits: { idleSeconds: 60 } });
        await permit({ ...policyOf({ x11: true }), validUntil: '2020-01-01T00:00:00Z' });
        await permit({ ...policyOf({ shell: false, sftp: false }), limits: { idleSeconds: 90, durationSeconds: 600 } });
        const together = {
          policy: ProtocolPolicy.parse({ shell: false, localForward: true }),
          limits: { idleSeconds: 60, durationSeconds: 600 },
        };
        expect(await way.asset.verifier.grant(await authorize(await logOn('with-policy'), name))).toMatchObject(
          together,
        );
        const event = (await way.asset.recorded('access.granted')).at(-1);
        expect(event).toMatchObject(together);
        expect(event?.['authorizationIds']).toHaveLength(2);
      });

      it('ends for a user who was locked or removed after the logon', async () => {
        const { hostId, name } = await newHost('10.1.0.4', 'root');
        const { id: userId } = await newUser('locked-later', hostId);
        const identity = await logOn('locked-later');
        await authorize(identity, name);
        await way.asset.api.request(UpdateUserV1, { actor: way.admin, userId, status: 'locked' });
        await expect(authorize(identity, name)).rejects.toMatchObject({ code: 'access.unauthenticated' });
        expect(await denied()).toMatchObject({ reason: 'locked' });
        await way.asset.api.request(DeleteUserV1, { actor: way.admin, userId });
        await expect(authorize(identity, name)).rejects.toMatchObject({ code: 'access.unauthenticated' });
      });

      it('needs an identity that asset made for SSH', async () => {
        for (const [identity, reason] of [
          [way.admin, 'this identity is for another use'],
          ['e30.e30.e30', 'sign in again (ERR_JWS_INVALID)'],
        ] as const) {
          await expect(authorize(identity, 'anything')).rejects.toMatchObject({ code: 'access.unauthenticated' });
          const operation = 'asset.access.authorize.v1';
          expect((await way.asset.recorded('token.refused')).at(-1)).toMatchObject({ operation, reason });
        }
      });

      it('is refused to a host that the cloud no longer names', async () => {
        const { hostId, name } = await newHost('10.1.0.5', 'root');
        await newUser('of-missing', hostId);
        await way.asset.postgres.query(`UPDATE hosts SET status = 'missing' WHERE id = '${hostId}'`, 'asset');
        await expect(authorize(await logOn('of-missing'), name)).rejects.toMatchObject({ code: 'target.not-found' });
        expect(await denied()).toMatchObject({ reason: 'host-missing', hostId });
      });
    });
  });
}
