import type { RequestOf, UserId, HostId } from '@sallyport/contracts';
import { ResolveTokenV1, UpdateUserV1 } from '@sallyport/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { password, wayToAGrant } from '../access/way-to-a-grant.suite.js';
import type { BrokerStub } from '../broker.suite.js';
import type { CloudStub } from '../cloud.suite.js';
import { clientAddress, ClientConnection, signIn } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';
import { LIMITS } from '../sign-in/rate-limit.js';

type Rules = Omit<RequestOf<typeof UpdateUserV1>, 'actor' | 'userId'>;

/** Rules for who may log on from where and when, and guesses: from the REST to the grant. */
export function logonRequests(running: () => RunningAsset, cloud: CloudStub, broker: BrokerStub): void {
  describe('logons', () => {
    const way = wayToAGrant(running, cloud, broker, 'logon');
    let host: { hostId: HostId; name: string };
    beforeAll(async () => {
      host = await way.newHost('10.3.0.1', 'root');
    });
    const newUser = async (username: string): Promise<UserId> => (await way.newUser(username, host.hostId)).id;

    describe('A9: a rule for a user', () => {
      it.each<[string, string, Rules]>([
        ['denied-address', 'denied-address', { allowedAddresses: ['198.51.100.0/24', '2001:db8::/32'] }],
        ['expired', 'user-expired', { validUntil: '2020-01-01T00:00:00Z' }],
        ['not-yet-valid', 'user-not-yet-valid', { validFrom: '2999-01-01T00:00:00Z' }],
        ['out-of-hours', 'out-of-hours', { logonHours: { timeZone: 'UTC', windows: [weekdayAfterTomorrow()] } }],
      ])('keeps out of both doors, and of a grant: %s', async (reason, denial, rules) => {
        const username = `rule-${reason}`;
        const userId = await newUser(username);
        const token = await signIn(way.asset, username, password);
        const identity = await new ClientConnection().logOn(way.asset, username, way.key);
        const after = await way.asset.api.request(UpdateUserV1, { actor: way.admin, userId, ...rules });
        expect(await way.last('user.updated')).toMatchObject({ after });

        const refused = { code: 'access.unauthenticated', message: 'not authenticated' };
        await expect(way.authorize(identity, host.name)).rejects.toMatchObject(refused);
        expect(await way.last('access.denied')).toMatchObject({ userId, reason: denial });
        await expect(new ClientConnection().logOn(way.asset, username, way.key)).rejects.toMatchObject(refused);
        expect(await way.last('user.authentication-failed')).toMatchObject({ username, reason });
        await expect(signIn(way.asset, username, password)).rejects.toMatchObject({ code: 'sign-in.failed' });
        expect(await way.last('user.sign-in-failed')).toMatchObject({ username, reason });
        const resolved = way.asset.api.request(ResolveTokenV1, { tokenHash: token, clientAddress });
        await expect(resolved).rejects.toMatchObject({ code: 'access.unauthenticated' });

        const none = { allowedAddresses: [], validFrom: null, validUntil: null, logonHours: null };
        await way.asset.api.request(UpdateUserV1, { actor: way.admin, userId, ...none });
        await way.authorize(await new ClientConnection().logOn(way.asset, username, way.key), host.name);
      });

      it('cannot be put on the last administrator', async () => {
        const { userId } = await way.asset.verifier.identity(way.admin, 'rest');
        const rules = { validUntil: '2999-01-01T00:00:00Z' };
        await expect(way.asset.api.request(UpdateUserV1, { actor: way.admin, userId, ...rules })).rejects.toMatchObject(
          {
            code: 'request.invalid',
          },
        );
      });
    });

    it('A6: strangers who know a name shut its owner out neither with a key nor from where the owner has been', async () => {
      await newUser('a6-owner');
      await signIn(way.asset, 'a6-owner', password);
      for (let i = 0; i < LIMITS.perUser; i += 1) {
        const [stranger, from] = [new ClientConnection(), `203.0.113.${200 + i}`];
        const guess = stranger.authenticate(way.asset, 'a6-owner', await stranger.password(way.asset, 'guess'), {
          clientAddress: from,
        });
        await expect(guess).rejects.toMatchObject({ code: 'access.unauthenticated' });
      }
      const elsewhere = new ClientConnection();
      const evidence = await elsewhere.password(way.asset, password);
      const attempt = elsewhere.authenticate(way.asset, 'a6-owner', evidence, { clientAddress: '203.0.113.250' });
      await expect(attempt).rejects.toMatchObject({ code: 'sign-in.rate-limited', retryable: true });
      expect(await way.last('user.authentication-failed')).toMatchObject({
        username: 'a6-owner',
        reason: 'rate-limited',
      });
      await new ClientConnection().logOn(way.asset, 'a6-owner', way.key);
      const home = new ClientConnection();
      await home.authenticate(way.asset, 'a6-owner', await home.password(way.asset, password));
    });
  });
}

/** A window that is not now, nor soon. */
function weekdayAfterTomorrow() {
  const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
  const day = days[(new Date().getUTCDay() + 2) % 7] ?? 'sunday';
  return { days: [day], from: '00:00', until: '24:00' };
}
