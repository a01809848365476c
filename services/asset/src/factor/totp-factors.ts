import type { UserId } from '@sallyport/contracts';
import type { StoredTotp } from './totp.js';

/** Port: secrets for one-time codes, one for each user at most. */
export abstract class TotpFactors {
  abstract of(userId: UserId): Promise<StoredTotp | undefined>;
  /** Takes the place of one that is pending. @returns false when the user has an active one, which stays */
  abstract begin(factor: StoredTotp): Promise<boolean>;
  /** Makes the pending one count. */
  abstract activate(userId: UserId): Promise<void>;
  /** @returns whether the code of this time step, and every later one, was never used; now it is */
  abstract useStep(userId: UserId, step: number): Promise<boolean>;
  /** @returns whether there was one */
  abstract remove(userId: UserId): Promise<boolean>;
}
