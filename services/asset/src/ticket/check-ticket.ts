import type { Sealed } from '@sallyport/contracts';
import { wipe } from '@sallyport/secret';
import type { SealingKey } from '@sallyport/sealing';
import { openSealed } from '../authentication/open-sealed.js';
import type { Clock } from '../clock/clock.js';
import type { StoredUser } from '../user/user.js';
import type { Users } from '../user/users.js';
import type { StoredTicket } from './ticket.js';
import { ticketHash } from './ticket.js';
import type { Tickets } from './tickets.js';

export type TicketFlaw = 'bad-ticket' | 'used-ticket' | 'expired-ticket';

/** Whether a password is a ticket, and whether it is good for this user. Using it up is for the caller. */
export class CheckTicket {
  constructor(
    private readonly users: Users,
    private readonly tickets: Tickets,
    private readonly key: SealingKey,
    private readonly clock: Clock,
  ) {}

  /** @returns undefined when it has not the form of a ticket, or does not open */
  async run(
    username: string,
    sealed: Sealed,
    associatedData: string,
  ): Promise<{ user: StoredUser; ticket: StoredTicket } | TicketFlaw | undefined> {
    const hash = await this.#hash(sealed, associatedData);
    if (hash === undefined) return undefined;
    const [user, ticket] = await Promise.all([this.users.byName(username), this.tickets.byHash(hash)]);
    if (!user || ticket?.userId !== user.id) return 'bad-ticket';
    if (this.clock.now() >= ticket.expiresAt) return 'expired-ticket';
    return ticket.usesLeft > 0 ? { user, ticket } : 'used-ticket';
  }

  async #hash(sealed: Sealed, associatedData: string): Promise<string | undefined> {
    const text = await openSealed(this.key, sealed, associatedData);
    if (!text) return undefined;
    try {
      return ticketHash(text);
    } finally {
      wipe(text);
    }
  }
}
