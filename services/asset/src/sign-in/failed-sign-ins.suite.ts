import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Attempt, FailedSignIns } from './failed-sign-ins.js';

const now = new Date('2026-01-02T03:04:05.000Z');
const ago = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);
const limits = { since: ago(15), perUser: 3, perAddress: 5, familiarSince: ago(1_000) };

/** What every implementation of the port must do. `create` gives an empty one. */
export function failedSignInsSuite(name: string, create: () => Promise<FailedSignIns>): void {
  const attempt = (username: string, addressBlock: string, more: Partial<Attempt> = {}): Attempt => {
    return { id: randomUUID(), kind: 'password', username, addressBlock, at: now, ...more };
  };

  describe(name, () => {
    it('counts by user over all addresses, and by address over all users', async () => {
      const failed = await create();
      for (const block of ['a', 'b', 'c']) expect(await failed.begin(attempt('alice', block), limits)).toBe(true);
      expect(await failed.begin(attempt('alice', 'd'), limits)).toBe(false);
      for (const user of ['u1', 'u2', 'u3', 'u4']) expect(await failed.begin(attempt(user, 'a'), limits)).toBe(true);
      expect(await failed.begin(attempt('bob', 'a'), limits)).toBe(false);
      expect(await failed.begin(attempt('bob', 'd'), limits)).toBe(true);
    });

    it('lets no more through when many ask at once', async () => {
      const failed = await create();
      const begun = Array.from({ length: 9 }, (_, i) => failed.begin(attempt('alice', `a${i}`), limits));
      expect((await Promise.all(begun)).filter((free) => free)).toHaveLength(3);
    });

    it('forgets what did not fail, and what was long ago', async () => {
      const failed = await create();
      const good = attempt('alice', 'a');
      for (const each of [good, attempt('alice', 'a', { at: ago(16) }), attempt('alice', 'a')])
        await failed.begin(each, { ...limits, since: ago(20) });
      expect(await failed.begin(attempt('alice', 'a'), { ...limits, since: ago(20) })).toBe(false);
      await failed.forget(good.id);
      for (const free of [true, true, false]) expect(await failed.begin(attempt('alice', 'a'), limits)).toBe(free);
    });

    it('A6: does not shut a user out where the user has been, whatever strangers do elsewhere', async () => {
      const failed = await create();
      await failed.remember('alice', 'home', ago(2_000));
      await failed.remember('alice', 'home', ago(999));
      await failed.remember('alice', 'old', ago(1_001));
      for (const block of ['a', 'b', 'c']) await failed.begin(attempt('alice', block), limits);
      expect(await failed.begin(attempt('alice', 'old'), limits)).toBe(false);
      for (const free of [true, true, true, false])
        expect(await failed.begin(attempt('alice', 'home'), limits)).toBe(free);
    });

    it('counts codes apart, and from everywhere where it is told so', async () => {
      const failed = await create();
      await failed.remember('alice', 'home', now);
      for (const block of ['a', 'b', 'c']) await failed.begin(attempt('alice', block), limits);
      const code = { kind: 'code' } as const;
      for (const block of ['a', 'b', 'c']) expect(await failed.begin(attempt('alice', block, code), limits)).toBe(true);
      const everywhere = { ...limits, familiarSince: undefined };
      expect(await failed.begin(attempt('alice', 'home', code), everywhere)).toBe(false);
    });
  });
}
