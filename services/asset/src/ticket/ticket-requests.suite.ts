import { randomBytes, randomUUID } from 'node:crypto';
import type { RequestOf, UserId } from '@sallyport/contracts';
import { CreateTicketV1, HostId, ListTicketsV1, RevokeTicketV1 } from '@sallyport/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { wayToAGrant } from '../access/way-to-a-grant.suite.js';
import type { BrokerStub } from '../broker.suite.js';
import type { CloudStub } from '../cloud.suite.js';
import { ClientConnection, createUser, sha256 } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';

/** Tickets, from the REST to the grant. */
export function ticketRequests(running: () => RunningAsset, cloud: CloudStub, broker: BrokerStub): void {
  describe('logons', () => {
    const way = wayToAGrant(running, cloud, broker, 'ticket');
    const hosts: { hostId: HostId; name: string }[] = [];
    beforeAll(async () => {
      for (const address of ['10.3.0.2', '10.3.0.3']) hosts.push(await way.newHost(address, 'root'));
    });
    const newUser = async (username: string): Promise<UserId> =>
      (await way.newUser(username, ...hosts.map(({ hostId }) => hostId))).id;

    describe('tickets', () => {
      const issue = async (fields: Partial<RequestOf<typeof CreateTicketV1>> & { userId: UserId }) => {
        const text = `spt_${randomBytes(32).toString('base64url')}`;
        const defaults = { actor: way.admin, ticketHash: sha256(text), uses: 1, expiresInSeconds: 600 };
        return { text, ticket: await way.asset.api.request(CreateTicketV1, { ...defaults, ...fields }) };
      };
      const logOnWith = async (username: string, text: string): Promise<string> => {
        const connection = new ClientConnection();
        return connection.authenticate(way.asset, username, await connection.password(way.asset, text));
      };

      it('A8: are good as often as they say, for what they say, and until they are revoked', async () => {
        const userId = await newUser('ticket-user');
        const [one, other] = hosts;
        if (!one || !other) throw new Error('there are two');
        const { text, ticket } = await issue({ userId, hostId: one.hostId, uses: 2 });
        expect(await way.last('ticket.created')).toMatchObject({
          ticketId: ticket.id,
          userId,
          hostId: one.hostId,
          uses: 2,
        });

        const identity = await logOnWith('ticket-user', text);
        await way.authorize(identity, one.name);
        await expect(way.authorize(identity, other.name)).rejects.toMatchObject({ code: 'target.not-found' });
        expect(await way.last('access.denied')).toMatchObject({ reason: 'ticket', hostId: other.hostId });
        const { items } = await way.asset.api.request(ListTicketsV1, { actor: way.admin, limit: 50, userId });
        expect(items).toEqual([{ ...ticket, usesLeft: 1 }]);

        const refused = { code: 'access.unauthenticated', message: 'not authenticated' };
        await expect(logOnWith('admin', text)).rejects.toMatchObject(refused);
        await way.asset.api.request(RevokeTicketV1, { actor: way.admin, ticketId: ticket.id });
        expect(await way.last('ticket.revoked')).toMatchObject({ ticketId: ticket.id, usesLeft: 1 });
        await expect(logOnWith('ticket-user', text)).rejects.toMatchObject(refused);
        await expect(
          way.asset.api.request(RevokeTicketV1, { actor: way.admin, ticketId: ticket.id }),
        ).rejects.toMatchObject({
          code: 'ticket.not-found',
        });
        expect(JSON.stringify(way.asset.events)).not.toContain(text);
      });

      it('A8: end by themselves, and open nothing that the user may not use', async () => {
        const { id: userId } = await createUser(way.asset, way.admin, { username: 'ticket-only' });
        const { text, ticket } = await issue({ userId, uses: 5 });
        const identity = await logOnWith('ticket-only', text);
        await expect(way.authorize(identity, hosts[0]?.name ?? '')).rejects.toMatchObject({ code: 'target.not-found' });
        expect(await way.last('access.denied')).toMatchObject({ reason: 'forbidden' });
        const past = `expires_at = now() - interval '1 second', created_at = now() - interval '1 hour'`;
        await way.asset.postgres.query(`UPDATE tickets SET ${past} WHERE id = '${ticket.id}'`, 'asset');
        await expect(logOnWith('ticket-only', text)).rejects.toMatchObject({ code: 'access.unauthenticated' });
        expect(await way.last('user.authentication-failed')).toMatchObject({ reason: 'expired-ticket' });
      });

      it('are made for users, hosts and accounts that there are', async () => {
        const userId = await newUser('ticket-nowhere');
        const nowhere = HostId.parse(randomUUID());
        await expect(issue({ userId, hostId: nowhere })).rejects.toMatchObject({ code: 'host.not-found' });
        await expect(issue({ userId: randomUUID() as UserId })).rejects.toMatchObject({ code: 'user.not-found' });
      });
    });
  });
}
