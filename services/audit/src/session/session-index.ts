import type { Session, SessionId, UserId } from '@sallyport/contracts';
import type { SessionChanges } from './session-changes.js';

export interface SessionFilter {
  readonly status?: 'active' | 'closed' | undefined;
  readonly userId?: string | undefined;
  readonly hostId?: string | undefined;
  readonly accountId?: string | undefined;
  /** As an event of the session says. */
  readonly secretName?: string | undefined;
  readonly secretVersionId?: string | undefined;
  /** Opened from this time on. */
  readonly since?: string | undefined;
  /** Opened before this time. */
  readonly until?: string | undefined;
}

/** Port: what the log says of sessions, one row each. Could be made anew from the log at any time. */
export abstract class SessionIndex {
  /** The same changes again, or in another order, end in the same rows: the first opening and closing in the log count. */
  abstract apply(changes: SessionChanges): Promise<void>;
  /**
   * Newest first, from the first one opened before `before`, which is a sequence of the log.
   * @returns each with the sequence of its opening
   */
  abstract page(
    filter: SessionFilter,
    before: number | undefined,
    limit: number,
  ): Promise<{ session: Session; sequence: number }[]>;
  abstract get(sessionId: string): Promise<Session | undefined>;
  /** The processes of the sessions that are open. */
  abstract replicas(): Promise<string[]>;
  /** A session process has answered. */
  abstract seen(replica: string): Promise<void>;
  /**
   * The open sessions whose process has not answered for so long, each to one who asks; to somebody again in a minute when it is
   * still open then.
   */
  abstract takeUnseen(unseenMs: number): Promise<{ sessionId: SessionId; userId: UserId }[]>;
}
