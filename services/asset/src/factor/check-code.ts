import type { Sealed } from '@sallyport/contracts';
import { wipe } from '@sallyport/secret';
import type { SealingKey } from '@sallyport/sealing';
import { openSealed } from '../authentication/open-sealed.js';
import type { Clock } from '../clock/clock.js';
import type { RateLimit } from '../sign-in/rate-limit.js';
import type { StoredUser } from '../user/user.js';
import type { FactorCipher } from './factor-cipher.js';
import { stepOf } from './one-time-code.js';
import type { StoredTotp } from './totp.js';

export type CodeFlaw = 'malformed' | 'wrong-code' | 'rate-limited';

/** A code that somebody shows. */
export interface ShownCode {
  sealed: Sealed;
  /** What it was sealed with. */
  associatedData: string;
  clientAddress: string;
}

/** Whether a one-time code is one of this user's, now. */
export class CheckCode {
  constructor(
    private readonly rateLimit: RateLimit,
    private readonly cipher: FactorCipher,
    private readonly key: SealingKey,
    private readonly clock: Clock,
  ) {}

  /** @returns the time step of the code, for the caller to use up: see TotpFactors */
  async run({ username }: StoredUser, factor: StoredTotp, code: ShownCode): Promise<number | CodeFlaw> {
    const trial = { kind: 'code', username, clientAddress: code.clientAddress } as const;
    const check = () => this.#check(factor, code);
    const answer = await this.rateLimit.guard(trial, check, (step) => typeof step === 'number');
    return answer === 'limited' ? 'rate-limited' : answer;
  }

  async #check({ userId, encryptedSecret }: StoredTotp, code: ShownCode): Promise<number | CodeFlaw> {
    const typed = await openSealed(this.key, code.sealed, code.associatedData);
    if (!typed) return 'malformed';
    const secret = this.cipher.decrypt(encryptedSecret, userId);
    try {
      return stepOf(typed.toString(), secret.toString(), this.clock.now()) ?? 'wrong-code';
    } finally {
      wipe(typed);
      wipe(secret);
    }
  }
}
