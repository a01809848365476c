import type { TicketId, UserId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { StoredTicket } from './ticket.js';
import { Tickets } from './tickets.js';

export class FakeTickets extends Tickets {
  readonly #tickets = new Map<TicketId, StoredTicket>();

  add(ticket: StoredTicket): Promise<void> {
    if ([...this.#tickets.values()].some((other) => other.ticketHash === ticket.ticketHash))
      return Promise.reject(new DomainError('request.invalid', 'the ticket cannot be made: try again'));
    this.#tickets.set(ticket.id, { ...ticket });
    return Promise.resolve();
  }

  byHash(ticketHash: string): Promise<StoredTicket | undefined> {
    const found = [...this.#tickets.values()].find((ticket) => ticket.ticketHash === ticketHash);
    return Promise.resolve(found && { ...found });
  }

  use(id: TicketId, now: Date): Promise<boolean> {
    const ticket = this.#tickets.get(id);
    if (!ticket || !isLive(ticket, now)) return Promise.resolve(false);
    ticket.usesLeft -= 1;
    return Promise.resolve(true);
  }

  stands(id: TicketId, now: Date): Promise<boolean> {
    return Promise.resolve((this.#tickets.get(id)?.expiresAt ?? now) > now);
  }

  liveAfter(id: TicketId | undefined, limit: number, now: Date, userId?: UserId): Promise<StoredTicket[]> {
    const fits = (ticket: StoredTicket): boolean =>
      isLive(ticket, now) && (id === undefined || ticket.id > id) && (userId === undefined || ticket.userId === userId);
    const sorted = [...this.#tickets.values()].filter(fits).sort((a, b) => (a.id < b.id ? -1 : 1));
    return Promise.resolve(sorted.slice(0, limit).map((ticket) => ({ ...ticket })));
  }

  remove(id: TicketId): Promise<StoredTicket | undefined> {
    const ticket = this.#tickets.get(id);
    this.#tickets.delete(id);
    return Promise.resolve(ticket);
  }
}

const isLive = ({ usesLeft, expiresAt }: StoredTicket, now: Date): boolean => usesLeft > 0 && expiresAt > now;
