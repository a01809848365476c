import { Controller } from '@nestjs/common';
import type { IdentityClaims, ReplyOf, RequestOf } from '@sallyport/contracts';
import { CreateTicketV1, ListTicketsV1, RevokeTicketV1 } from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { ManageTickets } from './manage-tickets.js';

@Controller()
export class TicketController {
  constructor(private readonly manageTickets: ManageTickets) {}

  @Handles(CreateTicketV1)
  create(
    @Input(CreateTicketV1) q: RequestOf<typeof CreateTicketV1>,
    @ActorOf() { userId }: IdentityClaims,
  ): Promise<ReplyOf<typeof CreateTicketV1>> {
    return this.manageTickets.create(userId, q);
  }

  @Handles(ListTicketsV1)
  list(@Input(ListTicketsV1) q: RequestOf<typeof ListTicketsV1>): Promise<ReplyOf<typeof ListTicketsV1>> {
    return this.manageTickets.list(q);
  }

  @Handles(RevokeTicketV1)
  async revoke(
    @Input(RevokeTicketV1) q: RequestOf<typeof RevokeTicketV1>,
    @ActorOf() { userId }: IdentityClaims,
  ): Promise<ReplyOf<typeof RevokeTicketV1>> {
    await this.manageTickets.revoke(userId, q.ticketId);
    return {};
  }
}
