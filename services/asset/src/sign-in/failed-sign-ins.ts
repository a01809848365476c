import type { UUID } from 'node:crypto';

export interface Attempt {
  id: UUID;
  /** Passwords and tickets are guessed at random, codes by who has the first factor already. */
  kind: 'password' | 'code';
  username: string;
  /** See `addressBlock`. */
  addressBlock: string;
  at: Date;
}

/** So many may fail since then, of a user name and from an address, before the next one is refused. */
export interface Limits {
  since: Date;
  perUser: number;
  perAddress: number;
  /**
   * From an address where the user has been since then, only what failed from there counts for `perUser`: a stranger who
   * knows a user name does not shut its owner out.
   */
  familiarSince: Date | undefined;
}

/** Port: proofs that failed lately, and where users have been, for all replicas together. */
export abstract class FailedSignIns {
  /**
   * Counts the attempt as failed before its proof is looked at, so that many at once do not slip through. Forgets what
   * is older than `limits.since`.
   * @returns false when there are too many already; this one is then not counted, so that trying on prolongs nothing
   */
  abstract begin(attempt: Attempt, limits: Limits): Promise<boolean>;
  /** The attempt did not fail. */
  abstract forget(id: UUID): Promise<void>;
  /** The user got in from there; within the hour it may be remembered as once. */
  abstract remember(username: string, addressBlock: string, at: Date): Promise<void>;
}
