import type { SessionId, UserId } from '@sallyport/contracts';

export interface Termination {
  readonly sessionId: SessionId;
  /** For the user. */
  readonly reason: string;
  readonly keepOutSeconds?: number | undefined;
}

/** Port: sessions that somebody ended, and users who are kept out for it. */
export abstract class Terminations {
  /** The same session again has the newer reason. */
  abstract add(termination: Termination, now: Date): Promise<void>;
  /** Those of these sessions that somebody ended. */
  abstract of(sessionIds: readonly SessionId[]): Promise<Termination[]>;
  /** Never shortens. A user who is gone is kept out anyway. */
  abstract keepOut(userId: UserId, until: Date): Promise<void>;
  abstract isKeptOut(userId: UserId, now: Date): Promise<boolean>;
}
