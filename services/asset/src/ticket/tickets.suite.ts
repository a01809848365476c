import { randomBytes, randomUUID } from 'node:crypto';
import { TicketId, UserId } from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import type { StoredTicket } from './ticket.js';
import type { Tickets } from './tickets.js';

const now = new Date('2026-01-02T03:04:05.000Z');
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1_000);

/** What every implementation of the port must do. `create` gives an empty one that knows these users. */
export function ticketsSuite(name: string, create: (users: UserId[]) => Promise<Tickets>): void {
  const ticket = (userId: UserId, uses: number): StoredTicket => ({
    id: TicketId.parse(randomUUID()),
    ticketHash: randomBytes(32).toString('hex'),
    userId,
    hostId: undefined,
    accountId: undefined,
    uses,
    usesLeft: uses,
    createdAt: now,
    expiresAt: later(60),
  });

  describe(name, () => {
    it('A8: a ticket of N uses is used N times, however many ask at once, and until its time is over', async () => {
      const userId = UserId.parse(randomUUID());
      const tickets = await create([userId]);
      const [three, one] = [ticket(userId, 3), ticket(userId, 1)];
      for (const each of [three, one]) await tickets.add(each);
      const answers = await Promise.all(Array.from({ length: 8 }, () => tickets.use(three.id, later(59))));
      expect(answers.filter((used) => used)).toHaveLength(3);
      expect(await tickets.byHash(three.ticketHash)).toEqual({ ...three, usesLeft: 0 });
      expect(await tickets.stands(three.id, later(59))).toBe(true);
      expect(await tickets.stands(three.id, later(60))).toBe(false);
      expect(await tickets.use(one.id, later(60))).toBe(false);
      expect(await tickets.use(one.id, now)).toBe(true);
    });

    it('lists those that are good, of all or of one user, and forgets who is removed', async () => {
      const users = [UserId.parse(randomUUID()), UserId.parse(randomUUID())] as const;
      const tickets = await create([...users]);
      const made = [ticket(users[0], 1), ticket(users[0], 2), ticket(users[1], 1)] as const;
      for (const each of made) await tickets.add(each);
      await expect(tickets.add({ ...made[0], id: TicketId.parse(randomUUID()) })).rejects.toMatchObject({
        code: 'request.invalid',
      });
      const ids = made.map(({ id }) => id).sort();
      const listed = async (...args: Parameters<Tickets['liveAfter']>) =>
        (await tickets.liveAfter(...args)).map(({ id }) => id);
      expect(await listed(undefined, 10, now)).toEqual(ids);
      expect(await listed(ids[0], 1, now)).toEqual([ids[1]]);
      expect(await listed(undefined, 10, now, users[1])).toEqual([made[2].id]);
      expect(await listed(undefined, 10, later(60))).toEqual([]);
      await tickets.use(made[2].id, now);
      expect(await tickets.remove(made[0].id)).toEqual(made[0]);
      expect(await tickets.remove(made[0].id)).toBeUndefined();
      expect(await tickets.stands(made[0].id, now)).toBe(false);
      expect(await listed(undefined, 10, now)).toEqual([made[1].id]);
      expect(await tickets.byHash(made[0].ticketHash)).toBeUndefined();
    });
  });
}
