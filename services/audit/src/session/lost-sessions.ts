import { SessionLost } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Logger } from '@sallyport/telemetry';
import type { KeptByReplicas } from '../replica/watch-replicas.js';
import type { SessionIndex } from './session-index.js';

/**
 * Puts on record the end of sessions whose process is gone. When it was only silent and tells of their end later, that is what
 * counts in the index.
 */
export class LostSessions implements KeptByReplicas {
  constructor(
    private readonly sessions: SessionIndex,
    private readonly audit: AuditPublisher,
    /** A session process that has not answered for so long is gone. */
    private readonly unseenMs: number,
    private readonly log: Logger,
  ) {}

  replicas(): Promise<string[]> {
    return this.sessions.replicas();
  }

  seen(replica: string): Promise<void> {
    return this.sessions.seen(replica);
  }

  async endAbandoned(): Promise<void> {
    for (const { sessionId, userId } of await this.sessions.takeUnseen(this.unseenMs)) {
      this.log.warn({ sessionId }, 'a session process is gone, and this session with it');
      await this.audit.publish(SessionLost, { sessionId, userId });
    }
  }
}
