import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { UsedEvidence } from './used-evidence.js';

/** What every implementation of the port must do. */
export function usedEvidenceSuite(name: string, create: () => Promise<UsedEvidence>): void {
  describe(name, () => {
    it('gives each digest to one alone, however many ask at once', async () => {
      const used = await create();
      const [one, other] = [randomBytes(32), randomBytes(32)];
      const answers = await Promise.all(Array.from({ length: 6 }, () => used.claim(one)));
      expect(answers.filter((first) => first)).toHaveLength(1);
      expect(await used.claim(other)).toBe(true);
      expect(await used.claim(one)).toBe(false);
    });
  });
}
