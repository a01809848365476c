import { randomUUID } from 'node:crypto';
import type { FirstFactorClaims, IdentityClaims, ReplyOf } from '@sallyport/contracts';
import {
  type AuthenticateUserV1,
  UserAuthenticated,
  UserAuthenticationFailed,
  UserFactorAccepted,
} from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { TokenSigner } from '@sallyport/tokens';
import type { Clock } from '../clock/clock.js';
import type { TotpFactors } from '../factor/totp-factors.js';
import type { RateLimit } from '../sign-in/rate-limit.js';
import { tooManyFailures } from '../sign-in/rate-limit.js';
import type { Transaction } from '../transaction/transaction.js';
import { whyNotAdmitted } from '../user/logon-rules.js';
import { describeProof } from './describe-proof.js';
import type { Claim, Flaw } from './evidence.js';
import { identityLifetimeSeconds } from './identity-lifetime.js';
import type { JudgeEvidence, Proven } from './judge-evidence.js';
import type { UseUpEvidence } from './use-up-evidence.js';

/** Time from the first proof to the code. */
const FIRST_FACTOR_LIFETIME_SECONDS = 120;

type Answer = ReplyOf<typeof AuthenticateUserV1>;

/** Judges what somebody proved on an SSH connection. The session service only carries it. */
export class AuthenticateUser {
  constructor(
    private readonly transaction: Transaction,
    private readonly judgeEvidence: JudgeEvidence,
    private readonly factors: TotpFactors,
    private readonly useUp: UseUpEvidence,
    private readonly rateLimit: RateLimit,
    private readonly signer: TokenSigner,
    private readonly clock: Clock,
    private readonly audit: AuditPublisher,
  ) {}

  /**
   * @returns an identity token for this connection; or, when a code is needed as well, a token that says what was right
   * @throws DomainError `access.unauthenticated` the same for every flaw; the audit event has the reason
   * @throws DomainError `sign-in.rate-limited` the proof was not looked at
   * @throws DomainError `audit.unavailable` nothing was decided, and the evidence is as good as before
   */
  async run(claim: Claim): Promise<Answer> {
    const proven = await this.judgeEvidence.run(claim);
    if (typeof proven === 'string') return this.#refuse(claim, proven);
    const flaw = whyNotAdmitted(proven.user, claim.clientAddress, this.clock.now());
    if (flaw) return this.#refuse(claim, flaw);
    const first = await this.#firstFactor(claim, proven);
    return first ? this.#acceptFirst(claim, proven, first) : this.#accept(claim, proven);
  }

  /** What is right so far, when a code is needed as well. A ticket needs none: an administrator answers for it. */
  async #firstFactor(
    { clientAddress, connection, sshUserName }: Claim,
    proven: Proven,
  ): Promise<FirstFactorClaims | undefined> {
    if (proven.method === 'ticket' || proven.method === 'code') return undefined;
    const { id: userId } = proven.user;
    if ((await this.factors.of(userId))?.status !== 'active') return undefined;
    const { method } = proven;
    const key = method === 'publickey' ? { fingerprint: proven.fingerprint, certificate: proven.certificate } : {};
    return { factorId: randomUUID(), userId, method, ...key, clientAddress, connection, sshUserName };
  }

  async #acceptFirst(claim: Claim, proven: Proven, first: FirstFactorClaims): Promise<Answer> {
    const { userId, method, fingerprint, clientAddress, connection } = first;
    const accepted = { userId, method, fingerprint, clientAddress, connection, username: claim.username };
    const flaw = await this.transaction.run(async () => {
      const replayed = await this.useUp.run(claim.evidence, proven);
      if (!replayed) await this.audit.publish(UserFactorAccepted, accepted);
      return replayed;
    });
    if (flaw) return this.#refuse(claim, flaw);
    return { firstFactor: await this.signer.firstFactor(first, FIRST_FACTOR_LIFETIME_SECONDS) };
  }

  /** Uses the evidence up and records it, both or neither. */
  async #accept(claim: Claim, proven: Proven): Promise<Answer> {
    const { clientAddress, connection, username } = claim;
    const { id: userId, roles } = proven.user;
    const { claims, recorded } = describeProof(proven);
    const flaw = await this.transaction.run(async () => {
      const replayed = await this.useUp.run(claim.evidence, proven);
      if (replayed) return replayed;
      await this.audit.publish(UserAuthenticated, { userId, username, clientAddress, connection, ...recorded });
      return undefined;
    });
    if (flaw) return this.#refuse(claim, flaw);
    const who: IdentityClaims = { use: 'ssh', userId, username, roles, clientAddress, connection, ...claims };
    const [identity] = await Promise.all([
      this.signer.identity(who, identityLifetimeSeconds(claim.sshUserName)),
      this.rateLimit.remember(username, clientAddress),
    ]);
    return { identity };
  }

  async #refuse({ username, clientAddress, connection, evidence }: Claim, reason: Flaw): Promise<never> {
    const { method } = evidence;
    await this.audit.publish(UserAuthenticationFailed, { username, clientAddress, method, reason, connection });
    if (reason === 'rate-limited') throw tooManyFailures();
    throw new DomainError('access.unauthenticated', 'not authenticated');
  }
}
