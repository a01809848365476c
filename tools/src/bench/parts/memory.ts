import { setTimeout as pause } from 'node:timers/promises';
import { say } from '../../../progress.mjs';
import { jumpMemoryKiB } from '../jump-host.js';
import type { BenchOptions } from '../options.js';
import type { Metric } from '../results.js';
import { memoryKiB } from '../session-processes.js';
import type { Surroundings } from '../surroundings.js';
import type { Way } from '../ways.js';
import { closeTerminals, openTerminals } from './terminal.js';

/** For garbage of the logons to be collected; V8 does it when a process is idle. */
const SETTLE_MS = 5_000;

/** What an idle session with a terminal keeps in the memory of the machine in the middle. */
export async function measureMemory(
  { ways, jump, sessionPids }: Surroundings,
  { idleSessions }: BenchOptions,
): Promise<Metric[]> {
  const measures: Readonly<Record<string, () => Promise<number>>> = {
    jump: () => jumpMemoryKiB(jump),
    sallyport: () => Promise.resolve(memoryKiB(sessionPids)),
  };
  const samples: Metric['samples'] = {};
  for (const way of ways) {
    const measure = measures[way.name];
    if (!measure || way.name === 'direct') continue;
    samples[way.name] = [await perSession(way, idleSessions, measure)];
    say(`  ${way.name}: ${samples[way.name]?.[0]?.toFixed(0) ?? ''} KiB`);
  }
  return [{ name: `memory of an idle session, ${idleSessions} open`, unit: 'KiB', better: 'less', samples }];
}

/** Opened and closed once before: what every process needs once, for code and pools, is not a session's. */
async function perSession(way: Way, count: number, measure: () => Promise<number>): Promise<number> {
  await closeTerminals(await openTerminals(way, Math.ceil(count / 4), 'exec cat'));
  await pause(SETTLE_MS);
  const before = await measure();
  const open = await openTerminals(way, count, 'exec cat');
  await pause(SETTLE_MS);
  const grown = (await measure()) - before;
  await closeTerminals(open);
  return grown / count;
}
