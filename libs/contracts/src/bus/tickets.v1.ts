import { z } from 'zod';
import { defineRequest } from '../define.js';
import { AccountId, HostId, TicketId, UserId } from '../ids.js';
import { Ticket } from '../resources.js';
import { Actor, PageRequest, pageOf } from '../values.js';
import { TokenHash } from './sign-in.v1.js';

const admin = { callers: ['api'], timeoutMs: 5_000, roles: ['bastion-admin'] } as const;

/** Api made the ticket and shows it once; only its hash comes here. */
export const CreateTicketV1 = defineRequest({
  ...admin,
  subject: 'asset.ticket.create.v1',
  request: z.strictObject({
    actor: Actor,
    ticketHash: TokenHash,
    userId: UserId,
    /** Good for this host alone. */
    hostId: HostId.optional(),
    /** Good for this account of the host alone. */
    accountId: AccountId.optional(),
    /** Logons that it is good for. */
    uses: z.int().min(1).max(1_000).default(1),
    /** From now; one hour unless told, a week at most. */
    expiresInSeconds: z.int().min(60).max(604_800).default(3_600),
  }),
  reply: Ticket,
  errors: ['user.not-found', 'host.not-found', 'account.not-found', 'request.invalid', 'audit.unavailable'],
});

/** Those that are still good for a logon, in the order of their ids. */
export const ListTicketsV1 = defineRequest({
  ...admin,
  subject: 'asset.ticket.list.v1',
  request: PageRequest.extend({ actor: Actor, userId: UserId.optional() }),
  reply: pageOf(Ticket),
  errors: ['request.invalid'],
});

export const RevokeTicketV1 = defineRequest({
  ...admin,
  subject: 'asset.ticket.revoke.v1',
  request: z.strictObject({ actor: Actor, ticketId: TicketId }),
  reply: z.object({}),
  errors: ['ticket.not-found', 'audit.unavailable'],
});
