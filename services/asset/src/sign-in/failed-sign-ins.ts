import type { UUID } from 'node:crypto';

export interface Attempt {
  id: UUID;
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
}

/** Port: sign-ins that failed lately, for all replicas together. */
export abstract class FailedSignIns {
  /**
   * Counts the attempt as failed before its password is looked at, so that many at once do not slip through. Forgets what
   * is older than `limits.since`.
   * @returns false when there are too many already; this one is then not counted, so that trying on prolongs nothing
   */
  abstract begin(attempt: Attempt, limits: Limits): Promise<boolean>;
  /** The attempt did not fail. */
  abstract forget(id: UUID): Promise<void>;
}
