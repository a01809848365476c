import type { EventData, Factor, Sealed, UserId } from '@sallyport/contracts';
import { FactorAdded, FactorEnrolmentStarted, FactorRefused, FactorRemoved } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import { seal } from '@sallyport/sealing';
import { wipe } from '@sallyport/secret';
import type { Clock } from '../clock/clock.js';
import { tooManyFailures } from '../sign-in/rate-limit.js';
import type { Transaction } from '../transaction/transaction.js';
import { requireUser } from '../user/require-user.js';
import type { Users } from '../user/users.js';
import type { CheckCode } from './check-code.js';
import type { FactorCipher } from './factor-cipher.js';
import { newSecret, otpauthUri } from './one-time-code.js';
import type { StoredTotp } from './totp.js';
import { describeTotp } from './totp.js';
import type { TotpFactors } from './totp-factors.js';

/** A person who asks for something about their own factor, and shows a code, sealed with their id. */
export interface Shown {
  userId: UserId;
  clientAddress: string;
  code: Sealed;
}

const kind = 'totp' as const;

/** One-time codes of users: people set them up and take them away themselves; an administrator takes them away. */
export class ManageTotp {
  constructor(
    private readonly transaction: Transaction,
    private readonly users: Users,
    private readonly factors: TotpFactors,
    private readonly cipher: FactorCipher,
    private readonly checkCode: CheckCode,
    private readonly clock: Clock,
    private readonly audit: AuditPublisher,
  ) {}

  /** @throws DomainError `user.not-found` */
  async list(userId: UserId): Promise<Factor[]> {
    await requireUser(this.users, userId);
    const factor = await this.factors.of(userId);
    return factor ? [describeTotp(factor)] : [];
  }

  /**
   * @param sealTo who the URI is for
   * @returns the `otpauth://` URI, sealed with the user's id: nobody sees it again
   * @throws DomainError `factor.exists`, `audit.unavailable`
   */
  async begin(userId: UserId, sealTo: string): Promise<Sealed> {
    const { username } = await requireUser(this.users, userId);
    const secret = newSecret();
    const encryptedSecret = this.cipher.encrypt(Buffer.from(secret), userId);
    await this.transaction.run(async () => {
      if (!(await this.factors.begin({ userId, encryptedSecret, status: 'pending', createdAt: this.clock.now() })))
        throw alreadyThere();
      await this.audit.publish(FactorEnrolmentStarted, { actorId: userId, userId, kind });
    });
    const uri = Buffer.from(otpauthUri(secret, username));
    try {
      return await seal(sealTo, uri, userId);
    } finally {
      wipe(uri);
    }
  }

  /** @throws DomainError `factor.not-found`, `factor.exists`, `factor.wrong-code`, `sign-in.rate-limited`, `audit.unavailable` */
  async confirm(shown: Shown): Promise<void> {
    const factor = await this.#require(shown.userId);
    if (factor.status === 'active') throw alreadyThere();
    await this.#withCode(factor, shown, async () => {
      await this.factors.activate(shown.userId);
      await this.audit.publish(FactorAdded, { actorId: shown.userId, userId: shown.userId, kind });
    });
  }

  /** @throws DomainError `factor.not-found`, `factor.wrong-code`, `sign-in.rate-limited`, `audit.unavailable` */
  async removeOwn(shown: Shown): Promise<void> {
    const factor = await this.#require(shown.userId);
    await this.#withCode(factor, shown, () => this.#remove(shown.userId, shown.userId));
  }

  /** @throws DomainError `user.not-found`, `factor.not-found`, `audit.unavailable` */
  async reset(actorId: UserId, userId: UserId): Promise<void> {
    await this.transaction.run(async () => {
      await requireUser(this.users, userId, 'forUpdate');
      await this.#remove(actorId, userId);
    });
  }

  async #remove(actorId: UserId, userId: UserId): Promise<void> {
    if (!(await this.factors.remove(userId))) throw notThere();
    await this.audit.publish(FactorRemoved, { actorId, userId, kind });
  }

  async #require(userId: UserId): Promise<StoredTotp> {
    const factor = await this.factors.of(userId);
    if (!factor) throw notThere();
    return factor;
  }

  /** Does the work when the code is right, and uses the code up: both or neither. */
  async #withCode(
    factor: StoredTotp,
    { userId, clientAddress, code }: Shown,
    work: () => Promise<void>,
  ): Promise<void> {
    const user = await requireUser(this.users, userId);
    const step = await this.checkCode.run(user, factor, { sealed: code, associatedData: userId, clientAddress });
    if (typeof step === 'string') return this.#refuse(userId, step);
    const fresh = await this.transaction.run(async () => {
      if (!(await this.factors.useStep(userId, step))) return false;
      await work();
      return true;
    });
    if (!fresh) await this.#refuse(userId, 'replayed');
  }

  async #refuse(userId: UserId, reason: EventData<typeof FactorRefused>['reason']): Promise<never> {
    await this.audit.publish(FactorRefused, { actorId: userId, userId, kind, reason });
    if (reason === 'rate-limited') throw tooManyFailures();
    throw new DomainError(
      'factor.wrong-code',
      'this is not the code of now, or it was used before; wait for the next one',
    );
  }
}

const notThere = (): DomainError =>
  new DomainError('factor.not-found', 'there are no one-time codes to take away or confirm');
const alreadyThere = (): DomainError =>
  new DomainError('factor.exists', 'there are one-time codes already: remove them first, with a code');
