import { createHash } from 'node:crypto';
import type { AccountId, HostId, Ticket, TicketId, UserId } from '@sallyport/contracts';

export interface StoredTicket {
  id: TicketId;
  /** Lower-case hex SHA-256. */
  ticketHash: string;
  userId: UserId;
  /** Good for this host alone; undefined: for all that the user may use. */
  hostId: HostId | undefined;
  accountId: AccountId | undefined;
  uses: number;
  usesLeft: number;
  createdAt: Date;
  expiresAt: Date;
}

/** `spt_` tells scanners of leaked secrets what it is; then 256 random bits in base64url. A password of this form is a ticket. */
const form = /^spt_[A-Za-z0-9_-]{43}$/;

/** What is stored of a text that has the form of a ticket; undefined for every other. */
export function ticketHash(text: Buffer): string | undefined {
  return form.test(text.toString('latin1')) ? createHash('sha256').update(text).digest('hex') : undefined;
}

export function describeTicket(ticket: StoredTicket): Ticket {
  const { id, userId, hostId, accountId, uses, usesLeft } = ticket;
  const [createdAt, expiresAt] = [ticket.createdAt.toISOString(), ticket.expiresAt.toISOString()];
  return { id, userId, hostId, accountId, uses, usesLeft, createdAt, expiresAt };
}
