import { mustRun } from '@sallyport/testing';
import { interleave } from '../interleave.js';
import type { BenchOptions } from '../options.js';
import type { Metric } from '../results.js';
import type { Surroundings } from '../surroundings.js';

/** From the start of `ssh … true` to its end. */
export function measureLogon({ ways }: Surroundings, { rounds }: BenchOptions): Promise<Metric[]> {
  return interleave(ways, rounds, [{ name: 'logon', unit: 's', better: 'less' }], async ({ args }) => {
    const started = performance.now();
    await mustRun('ssh', [...args, 'true']);
    return { logon: (performance.now() - started) / 1_000 };
  });
}
