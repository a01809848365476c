import { randomUUID } from 'node:crypto';
import type { Authorization } from '@sallyport/contracts';
import {
  AddPublicKeyV1,
  AuthorizeAccessV1,
  CreateAuthorizationV1,
  DeleteAccountV1,
  DeleteAuthorizationV1,
  DeleteUserV1,
  HostId,
  ImportHostsV1,
  ImportSecretsV1,
  ListHostKeysV1,
  ListPublicKeysV1,
  PinHostKeyV1,
  ProtocolPolicy,
  RemovePublicKeyV1,
  ReplaceHostKeysV1,
  ReportHostKeyV1,
  ReviewSessionsV1,
  SessionId,
  TerminateSessionV1,
  UpdateUserV1,
} from '@sallyport/contracts';
import { fingerprint } from '@sallyport/ssh-keys';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BrokerStub } from '../broker.suite.js';
import type { CloudStub } from '../cloud.suite.js';
import { describedInstance } from '../cloud.suite.js';
import { actor, ClientConnection, createUser, Key, signIn } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';

/** The way from a proof on an SSH connection to a grant, and the host keys that the grant carries. */
export function accessRequests(running: () => RunningAsset, cloud: CloudStub, broker: BrokerStub): void {
  describe('the way to a grant', () => {
    const regionId = 'cn-hangzhou';
    const key = new Key();
    let asset: RunningAsset;
    let admin: string;
    let count = 0;
    const newHost = async (address: string, ...accounts: string[]): Promise<{ hostId: HostId; name: string }> => {
      const name = `i-access-${(count += 1)}`;
      cloud.instances = [describedInstance(name, { VpcAttributes: { PrivateIpAddress: { IpAddress: [address] } } })];
      const { results } = await asset.api.request(ImportHostsV1, { actor: admin, regionId, instanceIds: [name] });
      const hostId = HostId.parse(results[0]?.hostId);
      for (const userName of accounts) {
        const secretName = `acs/ecs/${name}-${userName}`;
        broker.set(secretName, { instanceId: name, userName });
        await asset.api.request(ImportSecretsV1, { actor: admin, hostId, secretNames: [secretName] });
      }
      return { hostId, name };
    };
    const newUser = async (username: string, ...hosts: HostId[]) => {
      const user = await createUser(asset, admin, {
        username,
        publicKeys: [key.line],
        password: 'correct horse battery',
      });
      for (const hostId of hosts) await permit({ userId: user.id, hostId });
      return user;
    };
    const permit = (fields: Pick<Authorization, 'userId' | 'hostId'> & Partial<Authorization>) =>
      asset.api.request(CreateAuthorizationV1, { actor: admin, ...fields });
    const authorize = async (identity: string, host: string, account?: string): Promise<string> => {
      const target = account === undefined ? { host } : { host, account };
      const sessionId = SessionId.parse(randomUUID());
      return (await asset.session.request(AuthorizeAccessV1, { identity, sessionId, target, sealTo: 'c2VhbA==' }))
        .grant;
    };
    const logOn = (username: string): Promise<string> => new ClientConnection().logOn(asset, username, key);
    const denied = async () => (await asset.recorded('access.denied')).at(-1);
    beforeAll(() => {
      asset = running();
    });
    beforeEach(async () => {
      admin = await actor(asset, await signIn(asset));
    });

    describe('authentication', () => {
      it('A5: who offered a key without proof is nobody yet, and becomes who signs', async () => {
        const other = new Key();
        await newUser('a5-one');
        await createUser(asset, admin, { username: 'a5-two', publicKeys: [other.line] });
        const client = new ClientConnection();
        await expect(
          client.authenticate(asset, 'a5-two', key.evidence(client.sessionId, 'a5-two')),
        ).rejects.toMatchObject({
          code: 'access.unauthenticated',
        });
        expect((await asset.recorded('user.authentication-failed')).at(-1)).toMatchObject({ reason: 'unknown-key' });
        const identity = await client.logOn(asset, 'a5-two', other);
        expect((await asset.verifier.identity(identity, 'ssh')).username).toBe('a5-two');
      });

      it('takes evidence once, whichever replica sees it', async () => {
        await newUser('once');
        const replica = await asset.startReplica();
        const client = new ClientConnection();
        const evidence = [
          key.evidence(client.sessionId, 'once'),
          await client.password(asset, 'correct horse battery'),
        ];
        for (const one of evidence) {
          const tries = Array.from({ length: 8 }, () => client.authenticate(asset, 'once', one).catch(() => 'refused'));
          const believed = (await Promise.all(tries)).filter((answer) => answer !== 'refused');
          expect(believed).toHaveLength(1);
        }
        expect(
          (await asset.recorded('user.authenticated')).filter((event) => event['username'] === 'once'),
        ).toHaveLength(2);
        await replica.stop();
      });

      it('cannot be moved to another connection', async () => {
        await newUser('moved');
        const [mine, theirs] = [new ClientConnection(), new ClientConnection()];
        const evidence = [key.evidence(mine.sessionId, 'moved'), await mine.password(asset, 'correct horse battery')];
        for (const one of evidence)
          await expect(theirs.authenticate(asset, 'moved', one)).rejects.toMatchObject({
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
          const grant = await asset.verifier.grant(await authorize(identity, host, 'deploy'));
          expect(grant).toMatchObject({ host: { hostId: one.hostId }, account: { userName: 'deploy' } });
        }
        await expect(authorize(identity, one.name)).rejects.toMatchObject({
          code: 'target.ambiguous',
          message: expect.stringContaining('deploy, root') as string,
        });
        expect(await denied()).toMatchObject({ reason: 'ambiguous', hostId: one.hostId });
        expect((await asset.verifier.grant(await authorize(identity, one.name, 'root'))).account.userName).toBe('root');

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
        expect(await asset.verifier.grant(await authorize(await logOn('with-policy'), name))).toMatchObject(together);
        const event = (await asset.recorded('access.granted')).at(-1);
        expect(event).toMatchObject(together);
        expect(event?.['authorizationIds']).toHaveLength(2);
      });

      it('ends for a user who was locked or removed after the logon', async () => {
        const { hostId, name } = await newHost('10.1.0.4', 'root');
        const { id: userId } = await newUser('locked-later', hostId);
        const identity = await logOn('locked-later');
        await authorize(identity, name);
        await asset.api.request(UpdateUserV1, { actor: admin, userId, status: 'locked' });
        await expect(authorize(identity, name)).rejects.toMatchObject({ code: 'access.unauthenticated' });
        expect(await denied()).toMatchObject({ reason: 'locked' });
        await asset.api.request(DeleteUserV1, { actor: admin, userId });
        await expect(authorize(identity, name)).rejects.toMatchObject({ code: 'access.unauthenticated' });
      });

      it('E4, E5: names the open sessions that have to end: ended by somebody, locked, without an authorization', async () => {
        const { hostId, name } = await newHost('10.1.0.7', 'root');
        const { id: userId } = await newUser('with-a-session');
        const authorization = await permit({ userId, hostId });
        const identity = await logOn('with-a-session');
        const granted = await asset.verifier.grant(await authorize(identity, name));
        const { sessionId, clientAddress } = granted;
        const open = { sessionId, userId, clientAddress, hostId, accountId: granted.account.accountId };
        const review = async () => (await asset.session.request(ReviewSessionsV1, { sessions: [open] })).ended;
        expect(await review()).toEqual([]);
        await asset.api.request(UpdateUserV1, { actor: admin, userId, status: 'locked' });
        expect(await review()).toMatchObject([{ sessionId, why: 'revoked' }]);
        await asset.api.request(UpdateUserV1, { actor: admin, userId, status: 'active' });
        expect(await review()).toEqual([]);

        const reason = 'maintenance';
        await asset.api.request(TerminateSessionV1, { actor: admin, sessionId, reason, keepOutSeconds: 600 });
        expect((await asset.recorded('session.terminated')).at(-1)).toMatchObject({ sessionId, reason });
        await authorize(identity, name);
        expect(await review()).toEqual([{ sessionId, why: 'terminated', text: reason }]);
        await expect(authorize(identity, name)).rejects.toMatchObject({ code: 'access.kept-out' });
        expect(await denied()).toMatchObject({ reason: 'kept-out' });
        await asset.postgres.query(`UPDATE kept_out_users SET until = now() WHERE user_id = '${userId}'`, 'asset');
        await authorize(identity, name);

        const other = { ...open, sessionId: SessionId.parse(randomUUID()) };
        await asset.api.request(DeleteAuthorizationV1, { actor: admin, authorizationId: authorization.id });
        const { ended } = await asset.session.request(ReviewSessionsV1, { sessions: [other] });
        expect(ended).toMatchObject([{ sessionId: other.sessionId, why: 'revoked' }]);
      });

      it('E4: names the open sessions whose key or account was removed, and no others', async () => {
        const { hostId, name } = await newHost('10.1.0.8', 'root');
        const { id: userId } = await newUser('on-a-key', hostId);
        const grant = await asset.verifier.grant(await authorize(await logOn('on-a-key'), name));
        const { sessionId, clientAddress, account } = grant;
        const open = { sessionId, userId, clientAddress, hostId, accountId: account.accountId };
        const review = async () => (await asset.session.request(ReviewSessionsV1, { sessions: [open] })).ended;
        expect(await review()).toEqual([]);
        const { items } = await asset.api.request(ListPublicKeysV1, { actor: admin, userId });
        const other = await asset.api.request(AddPublicKeyV1, { actor: admin, userId, publicKey: new Key().line });
        await asset.api.request(RemovePublicKeyV1, { actor: admin, userId, publicKeyId: other.id });
        expect(await review()).toEqual([]);
        for (const { id: publicKeyId } of items)
          await asset.api.request(RemovePublicKeyV1, { actor: admin, userId, publicKeyId });
        expect(await review()).toMatchObject([
          { sessionId, why: 'revoked', text: expect.stringContaining('key') as string },
        ]);
        await asset.api.request(AddPublicKeyV1, { actor: admin, userId, publicKey: key.line });
        expect(await review()).toEqual([]);
        await asset.api.request(DeleteAccountV1, { actor: admin, hostId, accountId: account.accountId });
        expect(await review()).toMatchObject([{ sessionId, why: 'revoked' }]);
      });

      it('E5, B11: a session process that was taken over keeps no other user out, nor takes over a session of his', async () => {
        const { hostId, name } = await newHost('10.1.0.9', 'root');
        await newUser('logs-on-through-it', hostId);
        const { id: victim } = await newUser('logs-on-elsewhere', hostId);
        const [identity, victims] = [await logOn('logs-on-through-it'), await logOn('logs-on-elsewhere')];
        const { sessionId, clientAddress, account } = await asset.verifier.grant(await authorize(identity, name));
        const reason = 'ended';
        const named = { sessionId, userId: victim, clientAddress, hostId, accountId: account.accountId };
        const strange = { ...named, sessionId: SessionId.parse(randomUUID()) };
        for (const ended of [sessionId, strange.sessionId])
          await asset.api.request(TerminateSessionV1, { actor: admin, sessionId: ended, reason, keepOutSeconds: 600 });
        expect((await asset.session.request(ReviewSessionsV1, { sessions: [named, strange] })).ended).toHaveLength(2);
        await authorize(victims, name);
        await expect(authorize(identity, name)).rejects.toMatchObject({ code: 'access.kept-out' });
        const stolen = { identity: victims, sessionId, target: { host: name }, sealTo: 'c2VhbA==' };
        await expect(asset.session.request(AuthorizeAccessV1, stolen)).rejects.toMatchObject({
          code: 'request.invalid',
        });
      });

      it('needs an identity that asset made for SSH', async () => {
        for (const [identity, reason] of [
          [admin, 'this identity is for another use'],
          ['e30.e30.e30', 'sign in again (ERR_JWS_INVALID)'],
        ] as const) {
          await expect(authorize(identity, 'anything')).rejects.toMatchObject({ code: 'access.unauthenticated' });
          const operation = 'asset.access.authorize.v1';
          expect((await asset.recorded('token.refused')).at(-1)).toMatchObject({ operation, reason });
        }
      });

      it('is refused to a host that the cloud no longer names', async () => {
        const { hostId, name } = await newHost('10.1.0.5', 'root');
        await newUser('of-missing', hostId);
        await asset.postgres.query(`UPDATE hosts SET status = 'missing' WHERE id = '${hostId}'`, 'asset');
        await expect(authorize(await logOn('of-missing'), name)).rejects.toMatchObject({ code: 'target.not-found' });
        expect(await denied()).toMatchObject({ reason: 'host-missing', hostId });
      });
    });

    describe('host keys', () => {
      const show = (grant: string, shown: Key) => ({ grant, hostKey: shown.blob.toString('base64') });
      let grants: () => Promise<string>;
      let hostId: HostId;
      beforeEach(async () => {
        const host = await newHost('10.2.0.1', 'root');
        hostId = host.hostId;
        const username = `keys-${host.name}`;
        await newUser(username, hostId);
        grants = async () => authorize(await logOn(username), host.name);
      });
      const pinned = async () => (await asset.api.request(ListHostKeysV1, { actor: admin, hostId })).items;

      it('C2: the first one wins, also when several are shown at once; another one is refused and reported', async () => {
        const shown = [new Key(), new Key(), new Key()];
        const tokens = await Promise.all(shown.map(() => grants()));
        const answers = await Promise.allSettled(
          shown.map((one, i) => asset.session.request(PinHostKeyV1, show(tokens[i] ?? '', one))),
        );
        const winners = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value.fingerprint : []));
        expect(winners).toHaveLength(1);
        expect(await pinned()).toMatchObject([{ fingerprint: winners[0], source: 'first-use' }]);
        for (const answer of answers)
          if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'host-key.changed' });
        const events = (await asset.recorded('host-key.refused')).filter((event) => event['hostId'] === hostId);
        expect(events).toHaveLength(2);
        expect(events[0]).toMatchObject({ pinned: winners });
        expect((await asset.recorded('host-key.pinned')).filter((event) => event['hostId'] === hostId)).toHaveLength(1);
      });

      it('are in every further grant, and are attested again to a grant from before', async () => {
        const shown = new Key();
        const [first, second] = [await grants(), await grants()];
        await asset.session.request(PinHostKeyV1, show(first, shown));
        await asset.session.request(PinHostKeyV1, show(second, shown));
        expect((await asset.verifier.grant(await grants())).host.hostKeys).toEqual([fingerprint(shown.blob)]);
      });

      it('that changed are reported, which changes nothing', async () => {
        const [known, changed] = [new Key(), new Key()];
        await asset.session.request(PinHostKeyV1, show(await grants(), known));
        const grant = await grants();
        await asset.session.request(ReportHostKeyV1, show(grant, changed));
        expect((await asset.recorded('host-key.refused')).at(-1)).toMatchObject({
          hostId,
          keyType: 'ssh-ed25519',
          seen: fingerprint(changed.blob),
          pinned: [fingerprint(known.blob)],
        });
        await expect(asset.session.request(PinHostKeyV1, show(grant, changed))).rejects.toMatchObject({
          code: 'host-key.changed',
        });
        expect(await pinned()).toMatchObject([{ fingerprint: fingerprint(known.blob) }]);
      });

      it('are replaced by an administrator, on record; none lets the next logon pin anew', async () => {
        const [known, replacement] = [new Key(), new Key()];
        await asset.session.request(PinHostKeyV1, show(await grants(), known));
        const replace = (...lines: string[]) =>
          asset.api.request(ReplaceHostKeysV1, { actor: admin, hostId, publicKeys: lines });
        const { items } = await replace(replacement.line, known.line);
        expect(items.map((item) => [item.fingerprint, item.source]).sort()).toEqual(
          [
            [fingerprint(known.blob), 'first-use'],
            [fingerprint(replacement.blob), 'administrator'],
          ].sort(),
        );
        expect((await asset.verifier.grant(await grants())).host.hostKeys).toHaveLength(2);
        const stale = await grants();
        expect((await replace()).items).toEqual([]);
        expect((await asset.recorded('host-key.replaced')).at(-1)).toMatchObject({ hostId, after: [] });
        await expect(asset.session.request(PinHostKeyV1, show(stale, new Key()))).rejects.toMatchObject({
          code: 'host-key.changed',
        });
        await asset.session.request(PinHostKeyV1, show(await grants(), new Key()));

        await expect(replace('ssh-ed25519 AAAA not a key at all')).rejects.toMatchObject({ code: 'request.invalid' });
        await expect(replace(known.line, known.line)).rejects.toMatchObject({ code: 'request.invalid' });
        const noHost = { actor: admin, hostId: HostId.parse(randomUUID()) };
        await expect(asset.api.request(ListHostKeysV1, noHost)).rejects.toMatchObject({ code: 'host.not-found' });
        await expect(asset.api.request(ReplaceHostKeysV1, { ...noHost, publicKeys: [] })).rejects.toMatchObject({
          code: 'host.not-found',
        });
      });

      it('are not pinned without a grant, nor when they are no keys', async () => {
        const junk = { grant: await grants(), hostKey: 'AAAA' };
        await expect(asset.session.request(PinHostKeyV1, junk)).rejects.toMatchObject({ code: 'request.invalid' });
        for (const contract of [PinHostKeyV1, ReportHostKeyV1] as const)
          await expect(asset.session.request(contract, show('e30.e30.e30', new Key()))).rejects.toMatchObject({
            code: 'grant.invalid',
          });
        const operations = (await asset.recorded('token.refused')).map((event) => event['operation']);
        expect(operations.slice(-2)).toEqual([PinHostKeyV1.subject, ReportHostKeyV1.subject]);
        expect(await pinned()).toEqual([]);
      });
    });
  });
}
