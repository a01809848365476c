import { randomUUID } from 'node:crypto';
import { UserId } from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import type { StoredTotp } from './totp.js';
import type { TotpFactors } from './totp-factors.js';

/** What every implementation of the port must do. `create` gives an empty one that knows this user. */
export function totpFactorsSuite(name: string, create: (userId: UserId) => Promise<TotpFactors>): void {
  const factor = (userId: UserId, secret: string): StoredTotp => ({
    userId,
    encryptedSecret: Buffer.from(secret),
    status: 'pending',
    createdAt: new Date('2026-01-02T03:04:05.000Z'),
  });

  describe(name, () => {
    it('replaces what is pending, and never what is active', async () => {
      const userId = UserId.parse(randomUUID());
      const factors = await create(userId);
      expect(await factors.of(userId)).toBeUndefined();
      expect(await factors.begin(factor(userId, 'one'))).toBe(true);
      expect(await factors.begin(factor(userId, 'two'))).toBe(true);
      await factors.activate(userId);
      expect(await factors.begin(factor(userId, 'three'))).toBe(false);
      expect(await factors.of(userId)).toEqual({ ...factor(userId, 'two'), status: 'active' });
    });

    it('gives each time step to one alone, and none that is earlier', async () => {
      const userId = UserId.parse(randomUUID());
      const factors = await create(userId);
      expect(await factors.useStep(userId, 5)).toBe(false);
      await factors.begin(factor(userId, 'one'));
      const answers = await Promise.all(Array.from({ length: 5 }, () => factors.useStep(userId, 60_000_000)));
      expect(answers.filter((first) => first)).toHaveLength(1);
      expect(await factors.useStep(userId, 59_999_999)).toBe(false);
      expect(await factors.useStep(userId, 60_000_001)).toBe(true);
    });

    it('says whether there was one to remove', async () => {
      const userId = UserId.parse(randomUUID());
      const factors = await create(userId);
      await factors.begin(factor(userId, 'one'));
      expect(await factors.remove(userId)).toBe(true);
      expect(await factors.remove(userId)).toBe(false);
      expect(await factors.of(userId)).toBeUndefined();
    });
  });
}
