import type { IdentityClaims } from '@sallyport/contracts';
import { UserAuthenticated, UserAuthenticationFailed } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { TokenSigner } from '@sallyport/tokens';
import type { Transaction } from '../transaction/transaction.js';
import type { StoredUser } from '../user/user.js';
import type { CheckPassword } from './check-password.js';
import type { CheckSignature } from './check-signature.js';
import type { Claim, Flaw } from './evidence.js';
import { digestOf, userPart } from './evidence.js';
import { identityLifetimeSeconds } from './identity-lifetime.js';
import type { UsedEvidence } from './used-evidence.js';

type Verdict = { user: StoredUser; fingerprint?: string } | Flaw;

/** Judges what somebody proved on an SSH connection. The session service only carries it. */
export class AuthenticateUser {
  constructor(
    private readonly transaction: Transaction,
    private readonly checkPassword: CheckPassword,
    private readonly checkSignature: CheckSignature,
    private readonly usedEvidence: UsedEvidence,
    private readonly signer: TokenSigner,
    private readonly audit: AuditPublisher,
  ) {}

  /**
   * @returns an identity token for this connection
   * @throws DomainError `access.unauthenticated` the same for every flaw; the audit event has the reason
   * @throws DomainError `audit.unavailable` nothing was decided, and the evidence is as good as before
   */
  async run(claim: Claim): Promise<string> {
    const verdict = await this.#judge(claim);
    const identity = typeof verdict === 'string' ? verdict : await this.#accept(claim, verdict);
    if (typeof identity === 'string') return this.#refuse(claim, identity);
    return this.signer.identity(identity, identityLifetimeSeconds(claim.sshUserName));
  }

  async #judge(claim: Claim): Promise<Verdict> {
    if (userPart(claim.sshUserName) !== claim.username) return 'malformed';
    if (claim.evidence.method === 'publickey') return this.checkSignature.run(claim, claim.evidence);
    const user = await this.checkPassword.run(claim.username, claim.evidence.password, claim.connection);
    return typeof user === 'string' ? user : { user };
  }

  /** Uses the evidence up and records it, both or neither. */
  async #accept(claim: Claim, { user, fingerprint }: Exclude<Verdict, Flaw>): Promise<IdentityClaims | Flaw> {
    const { clientAddress, connection, evidence } = claim;
    const { id: userId, username, roles } = user;
    const { method } = evidence;
    return this.transaction.run(async () => {
      if (!(await this.usedEvidence.claim(digestOf(evidence)))) return 'replayed';
      const event = { userId, username, clientAddress, method, connection };
      await this.audit.publish(UserAuthenticated, fingerprint === undefined ? event : { ...event, fingerprint });
      const identity = { use: 'ssh', userId, username, roles, method, clientAddress, connection } as const;
      return fingerprint === undefined ? identity : { ...identity, fingerprint };
    });
  }

  async #refuse({ username, clientAddress, connection, evidence }: Claim, reason: Flaw): Promise<never> {
    const { method } = evidence;
    await this.audit.publish(UserAuthenticationFailed, { username, clientAddress, method, reason, connection });
    throw new DomainError('access.unauthenticated', 'not authenticated');
  }
}
