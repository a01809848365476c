import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canRunSshd, run, tempDir } from '@sallyport/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { home } from './support/sallyport.js';

const { ok, ...why } = canRunSshd();
const storm = fileURLToPath(new URL('../../tools/dist/storm/storm.js', import.meta.url));

const Results = z.object({
  logons: z.int(),
  failures: z.array(z.string()),
  attempts: z.record(z.string(), z.int()),
  rotations: z.record(z.string(), z.int()),
  target: z.object({ connections: z.int(), logons: z.int(), withoutLogon: z.int(), penalties: z.int() }),
});

/** `npm run storm` (docs/rotation.md), for half a minute and at a pace that a slow machine can hold. */
describe.skipIf(!ok)(`logons while the secrets rotate again and again ${JSON.stringify(why)}`, () => {
  it.each([
    ['', 0],
    [', when KMS is slow', 300],
  ])(
    'B4: none fails, no connection to the host is lost, and none needs more than three attempts%s',
    async (_, slowMs) => {
      const file = join(tempDir(), 'storm.json');
      const options = ['--seconds', '27', '--rate', '1', '--every', '2000', '--slow', String(slowMs), '--json', file];
      const script = `await (await import(${JSON.stringify(storm)})).storm(${JSON.stringify(options)}); process.exit()`;
      const result = await run(process.execPath, ['--input-type=module', '-e', script], {
        env: { SALLYPORT_E2E_HOME: home },
        timeoutMs: 280_000,
      });
      expect(result.stderr).toBe('');
      const { logons, failures, attempts, rotations, target } = Results.parse(JSON.parse(readFileSync(file, 'utf8')));
      expect({ logons, failures }, result.stdout).toEqual({ logons: 27, failures: [] });
      expect(result.code, result.stdout).toBe(0);
      expect(target).toEqual({ connections: 27, logons: 27, withoutLogon: 0, penalties: 0 });
      expect(Object.keys(attempts).every((count) => ['1', '2', '3'].includes(count))).toBe(true);
      expect(Object.keys(rotations)).toContain('host-first, failed after');
    },
  );
});
