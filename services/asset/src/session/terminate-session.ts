import type { ReplyOf, RequestOf, UserId } from '@sallyport/contracts';
import { SessionTerminated, type TerminateSessionV1 } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Clock } from '../clock/clock.js';
import type { Transaction } from '../transaction/transaction.js';
import type { Terminations } from './terminations.js';

/** Somebody ends a session. Its process hears of it when it asks the next time, within a second. */
export class TerminateSession {
  constructor(
    private readonly transaction: Transaction,
    private readonly terminations: Terminations,
    private readonly clock: Clock,
    private readonly audit: AuditPublisher,
  ) {}

  /** @throws DomainError `audit.unavailable` */
  async run(
    actorId: UserId,
    { sessionId, reason, keepOutSeconds }: Omit<RequestOf<typeof TerminateSessionV1>, 'actor'>,
  ): Promise<ReplyOf<typeof TerminateSessionV1>> {
    const now = this.clock.now();
    await this.transaction.run(async () => {
      await this.terminations.add({ sessionId, reason, keepOutSeconds }, now);
      await this.audit.publish(SessionTerminated, {
        ...{ actorId, sessionId, reason },
        ...(keepOutSeconds !== undefined && { keepOutSeconds }),
      });
    });
    return { sessionId, requestedAt: now.toISOString() };
  }
}
