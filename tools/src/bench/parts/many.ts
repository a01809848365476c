import { interleave } from '../interleave.js';
import type { BenchOptions } from '../options.js';
import type { Metric } from '../results.js';
import { cpuSeconds } from '../session-processes.js';
import type { Surroundings } from '../surroundings.js';
import { openMaster } from './master.js';
import { bulkTransfers } from './transfer.js';

/** Several transfers at the same time, each on a connection of its own: what further session processes (`--processes`) bring. */
export function measureMany(
  { ways, sessionPids }: Surroundings,
  { rounds, sizeMiB, sideBySide }: BenchOptions,
): Promise<Metric[]> {
  const down = `bulk down, ${sideBySide} side by side`;
  const cores = `cores of the bastion at work, ${sideBySide} side by side`;
  const metrics = [
    { name: down, unit: 'MiB/s', better: 'more' as const },
    { name: cores, unit: '', better: 'more' as const },
  ];
  const { down: transfer } = bulkTransfers(sizeMiB);
  return interleave(ways, rounds, metrics, async (way) => {
    const masters = await Promise.all(Array.from({ length: sideBySide }, () => openMaster(way)));
    const [cpuBefore, started] = [cpuSeconds(sessionPids), performance.now()];
    await Promise.all(masters.map(({ args }) => transfer(args)));
    const seconds = (performance.now() - started) / 1_000;
    const used = (cpuSeconds(sessionPids) - cpuBefore) / seconds;
    await Promise.all(masters.map((master) => master.stop()));
    return { [down]: (sideBySide * sizeMiB) / seconds, ...(way.name === 'sallyport' && { [cores]: used }) };
  });
}
