import { Controller } from '@nestjs/common';
import { GetSessionV1, ListSessionsV1, type IdentityClaims, type ReplyOf, type RequestOf } from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { ShowSessions } from './show-sessions.js';

@Controller()
export class SessionController {
  constructor(private readonly showSessions: ShowSessions) {}

  @Handles(ListSessionsV1)
  list(
    @Input(ListSessionsV1) { actor: _, ...request }: RequestOf<typeof ListSessionsV1>,
    @ActorOf() viewer: IdentityClaims,
  ): Promise<ReplyOf<typeof ListSessionsV1>> {
    return this.showSessions.list(request, viewer);
  }

  @Handles(GetSessionV1)
  get(
    @Input(GetSessionV1) { sessionId }: RequestOf<typeof GetSessionV1>,
    @ActorOf() viewer: IdentityClaims,
  ): Promise<ReplyOf<typeof GetSessionV1>> {
    return this.showSessions.get(sessionId, viewer);
  }
}
