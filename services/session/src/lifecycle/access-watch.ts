import { ReviewSessionsV1 } from '@sallyport/contracts';
import type { ReplyOf, RequestOf, SessionId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Bus } from '@sallyport/messaging';
import { context, ROOT_CONTEXT } from '@sallyport/telemetry';
import type { Logger } from '@sallyport/telemetry';
import type { CloseReason } from './session-record.js';
import type { Timers } from '../timers.js';

export type OpenSession = RequestOf<typeof ReviewSessionsV1>['sessions'][number];
type End = (reason: CloseReason, error: DomainError) => void;

/** Ended within two seconds: what waits at most, and the answer. */
const EVERY_MS = 1_000;
const AT_ONCE = 200;

/**
 * Asks `asset` every second which of the open sessions of this process have to end. While `asset` does not answer they go on, as
 * a logon that was granted does: what was revoked takes effect when it is back.
 */
export class AccessWatch {
  readonly #open = new Map<SessionId, { session: OpenSession; end: End }>();
  #waiting = false;
  #answered = true;

  constructor(
    private readonly bus: Bus,
    private readonly timers: Timers,
    private readonly log: Logger,
  ) {}

  /** @returns stops watching; safe to repeat */
  add(session: OpenSession, end: End): () => void {
    this.#open.set(session.sessionId, { session, end });
    this.#lookLater();
    return () => {
      this.#open.delete(session.sessionId);
    };
  }

  #lookLater(): void {
    if (this.#waiting || this.#open.size === 0) return;
    this.#waiting = true;
    // It asks for all sessions, so it belongs to the trace of none.
    context.with(ROOT_CONTEXT, () =>
      this.timers.after(EVERY_MS, () => {
        void this.#look().then(() => {
          this.#waiting = false;
          this.#lookLater();
        });
      }),
    );
  }

  async #look(): Promise<void> {
    const sessions = [...this.#open.values()].map(({ session }) => session);
    try {
      for (let from = 0; from < sessions.length; from += AT_ONCE)
        this.#end(await this.bus.request(ReviewSessionsV1, { sessions: sessions.slice(from, from + AT_ONCE) }));
      this.#answered = true;
    } catch (error) {
      // Once for each time that it is away.
      if (this.#answered) this.log.warn({ err: error }, 'open sessions cannot be reviewed; they go on');
      this.#answered = false;
    }
  }

  #end({ ended }: ReplyOf<typeof ReviewSessionsV1>): void {
    for (const { sessionId, why, text } of ended) {
      const said = why === 'terminated' ? `this session was ended: ${text}` : `this session has ended: ${text}`;
      this.#open.get(sessionId)?.end(why, new DomainError(`session.${why}`, said));
    }
  }
}
