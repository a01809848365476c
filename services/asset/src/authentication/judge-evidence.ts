import type { CertificateClaims, FirstFactorClaims } from '@sallyport/contracts';
import type { RateLimit } from '../sign-in/rate-limit.js';
import type { CheckTicket } from '../ticket/check-ticket.js';
import type { StoredTicket } from '../ticket/ticket.js';
import type { StoredUser } from '../user/user.js';
import type { CheckPassword } from './check-password.js';
import type { CheckSecondFactor } from './check-second-factor.js';
import type { CheckSignature } from './check-signature.js';
import type { Claim, Flaw, PasswordEvidence } from './evidence.js';
import { userPart } from './evidence.js';

/** What evidence proves. Nothing is used up or decided yet. */
export type Proven = { user: StoredUser } & (
  | { method: 'password' }
  | { method: 'publickey'; fingerprint: string; certificate: CertificateClaims | undefined }
  | { method: 'ticket'; ticket: StoredTicket }
  | { method: 'code'; first: FirstFactorClaims; step: number }
);

/** Whether evidence holds. What can be guessed is judged a limited number of times. */
export class JudgeEvidence {
  constructor(
    private readonly rateLimit: RateLimit,
    private readonly checkPassword: CheckPassword,
    private readonly checkTicket: CheckTicket,
    private readonly checkSignature: CheckSignature,
    private readonly checkSecondFactor: CheckSecondFactor,
  ) {}

  async run(claim: Claim): Promise<Proven | Flaw> {
    const { evidence, username, clientAddress } = claim;
    if (userPart(claim.sshUserName) !== username) return 'malformed';
    switch (evidence.method) {
      case 'publickey': {
        const signatory = await this.checkSignature.run(claim, evidence);
        return typeof signatory === 'string' ? signatory : { method: 'publickey', ...signatory };
      }
      case 'password': {
        const trial = { kind: 'password', username, clientAddress } as const;
        const check = () => this.#passwordOrTicket(claim, evidence);
        const verdict = await this.rateLimit.guard(trial, check, (answer) => typeof answer !== 'string');
        return verdict === 'limited' ? 'rate-limited' : verdict;
      }
      case 'code': {
        const both = await this.checkSecondFactor.run(claim, evidence);
        return typeof both === 'string' ? both : { method: 'code', ...both };
      }
    }
  }

  async #passwordOrTicket({ username, connection }: Claim, { password }: PasswordEvidence): Promise<Proven | Flaw> {
    const shown = await this.checkTicket.run(username, password, connection);
    if (typeof shown === 'string') return shown;
    if (shown) return { method: 'ticket', ...shown };
    const user = await this.checkPassword.run(username, password, connection);
    return typeof user === 'string' ? user : { method: 'password', user };
  }
}
