import { z } from 'zod';
import { CreateTicketV1, ListTicketsV1, RevokeTicketV1 } from '../bus/tickets.v1.js';
import { TicketId, UserId } from '../ids.js';
import { Ticket } from '../resources.js';
import { answeredBy, defineRoute } from './define-route.js';
import { PageQuery } from './query.js';

export const CreateTicketRoute = defineRoute({
  ...answeredBy(CreateTicketV1),
  method: 'POST',
  path: '/v1/tickets',
  summary: 'Make a ticket, which a user gives instead of password and code. It is shown once.',
  body: CreateTicketV1.request.omit({ actor: true, ticketHash: true }),
  reply: Ticket.extend({ ticket: z.string() }),
  status: 201,
});

export const ListTicketsRoute = defineRoute({
  ...answeredBy(ListTicketsV1),
  method: 'GET',
  path: '/v1/tickets',
  summary: 'Tickets that are still good for a logon.',
  query: PageQuery.extend({ userId: UserId.optional() }),
  status: 200,
});

export const RevokeTicketRoute = defineRoute({
  ...answeredBy(RevokeTicketV1),
  method: 'DELETE',
  path: '/v1/tickets/{ticketId}',
  summary: 'Make a ticket good for nothing.',
  params: z.strictObject({ ticketId: TicketId }),
  status: 204,
});
