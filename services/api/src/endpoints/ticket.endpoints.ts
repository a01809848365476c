import { createHash, randomBytes } from 'node:crypto';
import {
  CreateTicketRoute,
  CreateTicketV1,
  ListTicketsRoute,
  ListTicketsV1,
  RevokeTicketRoute,
  RevokeTicketV1,
} from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import { endpoint, forward, type Endpoint } from './endpoint.js';

export function ticketEndpoints(bus: Bus): Endpoint[] {
  return [
    // All that leaves this process of a ticket, but for the one answer, is its hash.
    endpoint(CreateTicketRoute, async ({ body }, { identity }) => {
      const ticket = `spt_${randomBytes(32).toString('base64url')}`;
      const ticketHash = createHash('sha256').update(ticket).digest('hex');
      return { ...(await bus.request(CreateTicketV1, { actor: identity, ticketHash, ...body })), ticket };
    }),
    forward(bus, ListTicketsRoute, ListTicketsV1),
    forward(bus, RevokeTicketRoute, RevokeTicketV1),
  ];
}
