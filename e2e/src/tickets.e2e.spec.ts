import { CreateTicketRoute, ListTicketsRoute, RevokeTicketRoute, type UserId } from '@sallyport/contracts';
import { canRunSshd, type CallInput } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from './support/audit.js';
import { captureMessages, dumpDatabase, filesBelow, runSql } from './support/places.js';
import { SecretFinder } from './support/secret-forms.js';
import { local } from './support/sallyport.js';
import { isIn, openDoor, refusedWith, type Door } from './support/door.js';

const { ok, ...why } = canRunSshd();

describe.skipIf(!ok)(`who may log on, at a real sshd ${JSON.stringify(why)}`, () => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor();
  });
  afterAll(() => door.close());

  describe('tickets', () => {
    const issue = async (userId: UserId, more: Partial<CallInput<typeof CreateTicketRoute>['body']> = {}) =>
      door.admin.call(CreateTicketRoute, { body: { userId, ...more } });

    it('A8: are good once, or as often as they say, and then never again', async () => {
      const { userId, username, logOn } = await door.newUser();
      for (const uses of [1, 3]) {
        const { id, ticket } = await issue(userId, uses === 1 ? {} : { uses });
        for (let i = 0; i < uses; i += 1) expect(await logOn({ password: ticket })).toMatchObject(isIn);
        expect(refusedWith(await logOn({ password: ticket, logLevel: 'INFO' }))).toBe('access.unauthenticated');
        const { items } = await door.admin.call(ListTicketsRoute, { query: { userId } });
        expect(items.map((each) => each.id)).not.toContain(id);
      }
      const byTicket = ({ data }: { data: Record<string, unknown> }): boolean =>
        data['username'] === username && data['method'] === 'ticket';
      expect(await eventsOf(door.auditor, 'user.authenticated', byTicket, 4)).toHaveLength(4);
    });

    it('A8: expire, are revoked, and are no way around what their user may do', async () => {
      const { userId, logOn, username } = await door.newUser();
      const { id, ticket } = await issue(userId, { uses: 10, expiresInSeconds: 60 });
      expect(await logOn({ password: ticket })).toMatchObject(isIn);
      const past = `created_at = now() - interval '1 hour', expires_at = now() - interval '1 second'`;
      await runSql('asset', `UPDATE tickets SET ${past} WHERE id = '${id}'`);
      expect(refusedWith(await logOn({ password: ticket, logLevel: 'INFO' }))).toBe('access.unauthenticated');
      await door.recorded(username, 'expired-ticket');

      const revoked = await issue(userId, { uses: 10 });
      await door.admin.call(RevokeTicketRoute, { params: { ticketId: revoked.id } });
      expect(refusedWith(await logOn({ password: revoked.ticket, logLevel: 'INFO' }))).toBe('access.unauthenticated');

      const elsewhere = await issue(userId, { uses: 10 });
      const destination = `${username}@root@web-1@${local.ssh.host}`;
      const other = await logOn({ destination, password: elsewhere.ticket, logLevel: 'INFO' });
      expect(refusedWith(other)).toBe('target.not-found');
    });

    it('A8: stand in no message, log, event or database', async () => {
      const messages = await captureMessages();
      const { userId, username, logOn } = await door.newUser();
      const { ticket } = await issue(userId, { uses: 1 });
      expect(await logOn({ password: ticket })).toMatchObject(isIn);
      expect(await logOn({ password: ticket })).toMatchObject({ code: 255 });
      // The last that is told of it: what would give it away is written by then.
      await eventsOf(door.auditor, 'user.authentication-failed', ({ data }) => data['username'] === username);
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
});
