import type { EventData, RequestOf, SignInV1 } from '@sallyport/contracts';
import { UserSignedIn, UserSignInFailed } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { CheckPassword } from '../authentication/check-password.js';
import type { Clock } from '../clock/clock.js';
import type { Transaction } from '../transaction/transaction.js';
import type { StoredUser } from '../user/user.js';
import type { Users } from '../user/users.js';
import type { BearerTokens } from './bearer-tokens.js';
import type { RateLimit } from './rate-limit.js';
import { LIMITS } from './rate-limit.js';

export type SignInRequest = RequestOf<typeof SignInV1>;
type Reason = EventData<typeof UserSignInFailed>['reason'];

export class SignInSettings {
  constructor(readonly tokenLifetimeSeconds: number) {}
}

/** Checks a password and remembers the hash of the bearer token that api made for it. */
export class SignIn {
  constructor(
    private readonly transaction: Transaction,
    private readonly rateLimit: RateLimit,
    private readonly checkPassword: CheckPassword,
    private readonly users: Users,
    private readonly tokens: BearerTokens,
    private readonly clock: Clock,
    private readonly settings: SignInSettings,
    private readonly audit: AuditPublisher,
  ) {}

  /**
   * @returns when the token expires
   * @throws DomainError `sign-in.failed` the same for every reason; the audit event has it
   * @throws DomainError `sign-in.rate-limited` the password was not looked at
   * @throws DomainError `audit.unavailable`
   */
  async run(request: SignInRequest): Promise<Date> {
    const { username, password, clientAddress, tokenHash } = request;
    const verdict = await this.rateLimit.guard(
      username,
      clientAddress,
      () => this.checkPassword.run(username, password, tokenHash),
      (answer) => typeof answer !== 'string',
    );
    if (verdict === 'limited') return this.#refuse(request, 'rate-limited');
    if (typeof verdict === 'string') return this.#refuse(request, verdict);
    return this.#issue(request, verdict);
  }

  async #issue({ clientAddress, tokenHash }: SignInRequest, user: StoredUser): Promise<Date> {
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + this.settings.tokenLifetimeSeconds * 1_000);
    await this.transaction.run(async () => {
      const current = await this.users.byId(user.id, true);
      // Locked, or given another password, since we looked.
      if (current?.status !== 'active' || current.passwordHash !== user.passwordHash)
        throw new DomainError('sign-in.failed', 'user name or password is wrong');
      await this.tokens.add(tokenHash, user.id, expiresAt, now);
      const { id: userId, username } = user;
      await this.audit.publish(UserSignedIn, { userId, username, clientAddress, expiresAt: expiresAt.toISOString() });
    });
    return expiresAt;
  }

  async #refuse({ username, clientAddress }: SignInRequest, reason: Reason): Promise<never> {
    await this.audit.publish(UserSignInFailed, { username, clientAddress, reason });
    if (reason === 'rate-limited')
      throw new DomainError(
        'sign-in.rate-limited',
        `too many failed sign-ins for this user name or from this address; try again in ${LIMITS.windowMinutes} minutes`,
        { retryable: true },
      );
    throw new DomainError('sign-in.failed', 'user name or password is wrong');
  }
}
