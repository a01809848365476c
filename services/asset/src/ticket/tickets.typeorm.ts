import type { TicketId, UserId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Database } from '@sallyport/postgres';
import { violatedConstraint } from '@sallyport/postgres';
import type { Repository } from 'typeorm';
import { LessThan, MoreThan } from 'typeorm';
import { TicketEntity } from './ticket.entity.js';
import type { StoredTicket } from './ticket.js';
import { Tickets } from './tickets.js';

/** So long a refusal can say that a ticket has expired, instead of that there is none. */
const KEPT_MS = 30 * 24 * 3_600_000;

export class DatabaseTickets extends Tickets {
  constructor(private readonly database: Database) {
    super();
  }

  async add(ticket: StoredTicket): Promise<void> {
    await this.#rows.delete({ expiresAt: LessThan(new Date(ticket.createdAt.getTime() - KEPT_MS)) });
    const { hostId, accountId, ...row } = ticket;
    try {
      await this.#rows.insert({ ...row, hostId: hostId ?? null, accountId: accountId ?? null });
    } catch (error) {
      // Made twice, or for what was deleted this very moment.
      if (violatedConstraint(error) !== undefined)
        throw new DomainError('request.invalid', 'the ticket cannot be made: try again', { cause: error });
      throw error;
    }
  }

  async byHash(ticketHash: string): Promise<StoredTicket | undefined> {
    const row = await this.#rows.findOneBy({ ticketHash });
    return row ? fromRow(row) : undefined;
  }

  /** One statement, so the last use is for one alone. */
  async use(id: TicketId, now: Date): Promise<boolean> {
    const good = { id, usesLeft: MoreThan(0), expiresAt: MoreThan(now) };
    return (await this.#rows.decrement(good, 'usesLeft', 1)).affected === 1;
  }

  stands(id: TicketId, now: Date): Promise<boolean> {
    return this.#rows.existsBy({ id, expiresAt: MoreThan(now) });
  }

  async liveAfter(id: TicketId | undefined, limit: number, now: Date, userId?: UserId): Promise<StoredTicket[]> {
    const rows = await this.#rows.find({
      where: {
        usesLeft: MoreThan(0),
        expiresAt: MoreThan(now),
        ...(id === undefined ? {} : { id: MoreThan(id) }),
        ...(userId === undefined ? {} : { userId }),
      },
      order: { id: 'ASC' },
      take: limit,
    });
    return rows.map(fromRow);
  }

  async remove(id: TicketId): Promise<StoredTicket | undefined> {
    const row = await this.#rows.findOneBy({ id });
    const { affected } = await this.#rows.delete({ id });
    return row && affected === 1 ? fromRow(row) : undefined;
  }

  get #rows(): Repository<TicketEntity> {
    return this.database.manager.getRepository(TicketEntity);
  }
}

function fromRow({ hostId, accountId, ...row }: TicketEntity): StoredTicket {
  return { ...row, hostId: hostId ?? undefined, accountId: accountId ?? undefined };
}
