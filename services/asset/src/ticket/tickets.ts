import type { TicketId, UserId } from '@sallyport/contracts';
import type { StoredTicket } from './ticket.js';

/** Port: tickets that people log on with. */
export abstract class Tickets {
  /** Also forgets those that expired long ago. @throws DomainError `request.invalid` the hash is known already */
  abstract add(ticket: StoredTicket): Promise<void>;
  /** Good for a logon or not. */
  abstract byHash(ticketHash: string): Promise<StoredTicket | undefined>;
  /** @returns whether one more use was left and its time is not over; now it is one less */
  abstract use(id: TicketId, now: Date): Promise<boolean>;
  /** Whether it was not revoked, and its time is not over; uses may be left or not. */
  abstract stands(id: TicketId, now: Date): Promise<boolean>;
  /** At most `limit` that are good for a logon now, with a greater id than `id`, in the order of ids. */
  abstract liveAfter(id: TicketId | undefined, limit: number, now: Date, userId?: UserId): Promise<StoredTicket[]>;
  /** @returns what it was */
  abstract remove(id: TicketId): Promise<StoredTicket | undefined>;
}
