import type { EventData, RequestOf, SignInV1 } from '@sallyport/contracts';
import { UserSignedIn, UserSignInFailed } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { CheckPassword } from '../authentication/check-password.js';
import type { Clock } from '../clock/clock.js';
import type { CheckCode } from '../factor/check-code.js';
import type { TotpFactors } from '../factor/totp-factors.js';
import type { Transaction } from '../transaction/transaction.js';
import { whyNotAdmitted } from '../user/logon-rules.js';
import type { StoredUser } from '../user/user.js';
import type { Users } from '../user/users.js';
import type { BearerTokens } from './bearer-tokens.js';
import type { RateLimit } from './rate-limit.js';
import { tooManyFailures } from './rate-limit.js';

export type SignInRequest = RequestOf<typeof SignInV1>;
type Reason = EventData<typeof UserSignInFailed>['reason'];

export class SignInSettings {
  constructor(readonly tokenLifetimeSeconds: number) {}
}

/** Somebody with the right password and, where it is needed, the right code of this time step. */
interface Proven {
  user: StoredUser;
  step: number | undefined;
}

/** Checks a password, and a code of who has them, and remembers the hash of the bearer token that api made for it. */
export class SignIn {
  constructor(
    private readonly transaction: Transaction,
    private readonly rateLimit: RateLimit,
    private readonly checkPassword: CheckPassword,
    private readonly factors: TotpFactors,
    private readonly checkCode: CheckCode,
    private readonly users: Users,
    private readonly tokens: BearerTokens,
    private readonly clock: Clock,
    private readonly settings: SignInSettings,
    private readonly audit: AuditPublisher,
  ) {}

  /**
   * @returns when the token expires
   * @throws DomainError `sign-in.failed` the same for every reason but one; the audit event has it
   * @throws DomainError `sign-in.code-needed` the password is right, and no code was given
   * @throws DomainError `sign-in.rate-limited` the password, or the code, was not looked at
   * @throws DomainError `audit.unavailable`
   */
  async run(request: SignInRequest): Promise<Date> {
    const verdict = await this.#judge(request);
    const issued = typeof verdict === 'string' ? verdict : await this.#issue(request, verdict);
    if (typeof issued === 'string') return this.#refuse(request, issued);
    await this.rateLimit.remember(request.username, request.clientAddress);
    return issued;
  }

  async #judge({ username, password, otp, clientAddress, tokenHash }: SignInRequest): Promise<Proven | Reason> {
    const user = await this.rateLimit.guard(
      { kind: 'password', username, clientAddress },
      () => this.checkPassword.run(username, password, tokenHash),
      (answer) => typeof answer !== 'string',
    );
    if (user === 'limited') return 'rate-limited';
    if (typeof user === 'string') return user;
    const notAdmitted = whyNotAdmitted(user, clientAddress, this.clock.now());
    if (notAdmitted) return notAdmitted;
    const factor = await this.factors.of(user.id);
    if (factor?.status !== 'active') return { user, step: undefined };
    if (!otp) return 'code-missing';
    const step = await this.checkCode.run(user, factor, { sealed: otp, associatedData: tokenHash, clientAddress });
    return typeof step === 'string' ? step : { user, step };
  }

  async #issue({ clientAddress, tokenHash }: SignInRequest, { user, step }: Proven): Promise<Date | Reason> {
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + this.settings.tokenLifetimeSeconds * 1_000);
    return this.transaction.run(async () => {
      const current = await this.users.byId(user.id, true);
      // Locked, or given another password, since we looked.
      if (current?.status !== 'active' || current.passwordHash !== user.passwordHash) throw failed();
      if (step !== undefined && !(await this.factors.useStep(user.id, step))) return 'replayed';
      await this.tokens.add(tokenHash, user.id, expiresAt, now);
      const { id: userId, username } = user;
      await this.audit.publish(UserSignedIn, { userId, username, clientAddress, expiresAt: expiresAt.toISOString() });
      return expiresAt;
    });
  }

  async #refuse({ username, clientAddress }: SignInRequest, reason: Reason): Promise<never> {
    await this.audit.publish(UserSignInFailed, { username, clientAddress, reason });
    if (reason === 'rate-limited') throw tooManyFailures();
    if (reason === 'code-missing')
      throw new DomainError('sign-in.code-needed', 'give your one-time code as well, as otp');
    throw failed();
  }
}

const failed = (): DomainError => new DomainError('sign-in.failed', 'user name, password or one-time code is wrong');
