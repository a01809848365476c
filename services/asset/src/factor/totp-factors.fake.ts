import type { UserId } from '@sallyport/contracts';
import type { StoredTotp } from './totp.js';
import { TotpFactors } from './totp-factors.js';

export class FakeTotpFactors extends TotpFactors {
  readonly #factors = new Map<UserId, StoredTotp & { lastStep: number }>();

  of(userId: UserId): Promise<StoredTotp | undefined> {
    const found = this.#factors.get(userId);
    if (!found) return Promise.resolve(undefined);
    const { encryptedSecret, status, createdAt } = found;
    return Promise.resolve({ userId, encryptedSecret, status, createdAt });
  }

  begin(factor: StoredTotp): Promise<boolean> {
    if (this.#factors.get(factor.userId)?.status === 'active') return Promise.resolve(false);
    this.#factors.set(factor.userId, { ...factor, lastStep: 0 });
    return Promise.resolve(true);
  }

  activate(userId: UserId): Promise<void> {
    const found = this.#factors.get(userId);
    if (found) found.status = 'active';
    return Promise.resolve();
  }

  useStep(userId: UserId, step: number): Promise<boolean> {
    const found = this.#factors.get(userId);
    if (!found || found.lastStep >= step) return Promise.resolve(false);
    found.lastStep = step;
    return Promise.resolve(true);
  }

  remove(userId: UserId): Promise<boolean> {
    return Promise.resolve(this.#factors.delete(userId));
  }
}
