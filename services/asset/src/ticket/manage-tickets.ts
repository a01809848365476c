import { randomUUID } from 'node:crypto';
import type { RequestOf, Ticket, UserId } from '@sallyport/contracts';
import { type CreateTicketV1, TicketCreated, TicketId, TicketRevoked } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Accounts } from '../account/accounts.js';
import type { Clock } from '../clock/clock.js';
import type { Hosts } from '../host/hosts.js';
import { requireHost } from '../host/require-host.js';
import type { Page, PageOptions } from '../paging/page.js';
import { page } from '../paging/page.js';
import type { Transaction } from '../transaction/transaction.js';
import { requireUser } from '../user/require-user.js';
import type { Users } from '../user/users.js';
import type { StoredTicket } from './ticket.js';
import { describeTicket } from './ticket.js';
import type { Tickets } from './tickets.js';

export type TicketToCreate = Omit<RequestOf<typeof CreateTicketV1>, 'actor'>;

/** An administrator makes tickets for users, looks at them and revokes them. What a ticket opens is still for authorizations to say. */
export class ManageTickets {
  constructor(
    private readonly transaction: Transaction,
    private readonly users: Users,
    private readonly hosts: Hosts,
    private readonly accounts: Accounts,
    private readonly tickets: Tickets,
    private readonly clock: Clock,
    private readonly audit: AuditPublisher,
  ) {}

  /** @throws DomainError `user.not-found`, `host.not-found`, `account.not-found`, `request.invalid`, `audit.unavailable` */
  async create(actorId: UserId, wanted: TicketToCreate): Promise<Ticket> {
    const { ticketHash, userId, hostId, accountId, uses, expiresInSeconds } = wanted;
    const createdAt = this.clock.now();
    const expiresAt = new Date(createdAt.getTime() + expiresInSeconds * 1_000);
    const id = TicketId.parse(randomUUID());
    const ticket: StoredTicket = {
      id,
      ticketHash,
      userId,
      hostId,
      accountId,
      uses,
      usesLeft: uses,
      createdAt,
      expiresAt,
    };
    await this.transaction.run(async () => {
      await requireUser(this.users, userId);
      await this.#requireTarget(wanted);
      await this.tickets.add(ticket);
      const about = { actorId, ticketId: id, userId, uses, expiresAt: expiresAt.toISOString() };
      await this.audit.publish(TicketCreated, { ...about, hostId, accountId });
    });
    return describeTicket(ticket);
  }

  /** @throws DomainError `request.invalid` the cursor is not one of ours */
  async list(options: PageOptions & { userId?: UserId | undefined }): Promise<Page<Ticket>> {
    const now = this.clock.now();
    const found = await page(
      options,
      (key, limit) => this.tickets.liveAfter(key === undefined ? undefined : parseKey(key), limit, now, options.userId),
      (ticket) => ticket.id,
    );
    return { ...found, items: found.items.map(describeTicket) };
  }

  /** @throws DomainError `ticket.not-found`, `audit.unavailable` */
  async revoke(actorId: UserId, ticketId: TicketId): Promise<void> {
    await this.transaction.run(async () => {
      const ticket = await this.tickets.remove(ticketId);
      if (!ticket) throw new DomainError('ticket.not-found', 'there is no such ticket');
      const { userId, usesLeft } = ticket;
      await this.audit.publish(TicketRevoked, { actorId, ticketId, userId, usesLeft });
    });
  }

  async #requireTarget({ hostId, accountId }: TicketToCreate): Promise<void> {
    if (hostId === undefined) {
      if (accountId !== undefined) throw new DomainError('request.invalid', 'accountId needs hostId beside it');
      return;
    }
    await requireHost(this.hosts, hostId);
    if (accountId === undefined) return;
    const accounts = await this.accounts.of(hostId);
    if (!accounts.some(({ id }) => id === accountId))
      throw new DomainError('account.not-found', 'the host has no such account');
  }
}

function parseKey(key: string): TicketId {
  const parsed = TicketId.safeParse(key);
  if (!parsed.success) throw new DomainError('request.invalid', 'the cursor is not valid');
  return parsed.data;
}
