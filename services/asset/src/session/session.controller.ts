import { Controller } from '@nestjs/common';
import type { IdentityClaims, ReplyOf, RequestOf } from '@sallyport/contracts';
import { ReviewSessionsV1, TerminateSessionV1 } from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { ReviewSessions } from './review-sessions.js';
import { TerminateSession } from './terminate-session.js';

@Controller()
export class SessionController {
  constructor(
    private readonly reviewSessions: ReviewSessions,
    private readonly terminateSession: TerminateSession,
  ) {}

  @Handles(ReviewSessionsV1)
  async review(
    @Input(ReviewSessionsV1) { sessions }: RequestOf<typeof ReviewSessionsV1>,
  ): Promise<ReplyOf<typeof ReviewSessionsV1>> {
    return { ended: await this.reviewSessions.run(sessions) };
  }

  @Handles(TerminateSessionV1)
  terminate(
    @Input(TerminateSessionV1) { actor: _, ...request }: RequestOf<typeof TerminateSessionV1>,
    @ActorOf() { userId }: IdentityClaims,
  ): Promise<ReplyOf<typeof TerminateSessionV1>> {
    return this.terminateSession.run(userId, request);
  }
}
