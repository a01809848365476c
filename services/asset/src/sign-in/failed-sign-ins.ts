import type { UUID } from 'node:crypto';

export interface Attempt {
  id: UUID;
  username: string;
  /** See `addressBlock`. */
  addressBlock: string;
  at: Date;
}

/** Port: sign-ins that failed lately, for all replicas together. */
export abstract class FailedSignIns {
  /**
   * Counts the attempt as failed before its password is looked at, so that many at once do not slip through, and says how
   * many there are since then, this one included. Forgets older ones.
   */
  abstract begin(attempt: Attempt, since: Date): Promise<{ ofUser: number; ofAddress: number }>;
  /** The attempt does not count after all. */
  abstract forget(id: UUID): Promise<void>;
}
