import { createHash } from 'node:crypto';
import type { FirstFactorClaims } from '@sallyport/contracts';
import type { TokenVerifier } from '@sallyport/tokens';
import type { CheckCode, CodeFlaw } from '../factor/check-code.js';
import type { TotpFactors } from '../factor/totp-factors.js';
import type { StoredUser } from '../user/user.js';
import type { Users } from '../user/users.js';
import type { Claim, CodeEvidence } from './evidence.js';

export type SecondFactorFlaw = CodeFlaw | 'unknown-user' | 'replayed';

/** Both factors are right; the code of `step` and the first factor are not used up yet. */
export interface BothFactors {
  user: StoredUser;
  first: FirstFactorClaims;
  step: number;
}

/**
 * A code counts after a first factor that asset itself accepted, of this user name, on this connection, from this address: a
 * session process that was taken over can leave none out, and bring none along from elsewhere.
 */
export class CheckSecondFactor {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly users: Users,
    private readonly factors: TotpFactors,
    private readonly checkCode: CheckCode,
  ) {}

  async run(claim: Claim, evidence: CodeEvidence): Promise<BothFactors | SecondFactorFlaw> {
    const { connection, clientAddress, sshUserName } = claim;
    const first = await this.verifier.firstFactor(evidence.firstFactor);
    if (first?.connection !== connection || first.clientAddress !== clientAddress) return 'malformed';
    if (first.sshUserName !== sshUserName) return 'malformed';
    const user = await this.users.byId(first.userId);
    if (!user) return 'unknown-user';
    if (user.username !== claim.username) return 'malformed';
    const factor = await this.factors.of(user.id);
    if (factor?.status !== 'active') return 'wrong-code';
    const shown = { sealed: evidence.code, associatedData: connection, clientAddress };
    const step = await this.checkCode.run(user, factor, shown);
    return typeof step === 'number' ? { user, first, step } : step;
  }
}

/** What is used up when a first factor has led to a logon. */
export function digestOfFirstFactor({ factorId }: FirstFactorClaims): Buffer {
  return createHash('sha256').update(`first-factor\0${factorId}`).digest();
}
