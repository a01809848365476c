import { setTimeout as pause } from 'node:timers/promises';
import { mustRun } from '@sallyport/testing';
import { say } from '../../../progress.mjs';
import type { BenchOptions } from '../options.js';
import type { Metric } from '../results.js';
import { cpuSeconds, memoryKiB } from '../session-processes.js';
import { quantile } from '../statistics.js';
import type { Surroundings } from '../surroundings.js';
import type { Way } from '../ways.js';
import { timeKeys } from './echo.js';
import { closeTerminals, openTerminal, openTerminals } from './terminal.js';

/** For garbage of the logons to be collected. */
const SETTLE_MS = 5_000;
const LOGONS = 5;
/** Two lines a second, by a process that costs next to nothing: what somebody reads. */
const PRINT_SLOWLY = `exec perl -e '$|=1; while (1) { print "x" x 78, "\\n"; select(undef, undef, undef, 0.5) }'`;

/**
 * Sessions of one Sallyport all at once, `--idle` that stand and `--busy` that print (H1): memory of each, and what a keystroke and a
 * logon take beside them. The same key straight to the target, with the same machine as busy, is in the column `direct`.
 */
export async function measureLoad(
  { ways, sessionPids }: Surroundings,
  { idleSessions, busySessions, keystrokes }: BenchOptions,
): Promise<Metric[]> {
  const find = (name: Way['name']): Way => ways.find((way) => way.name === name) ?? raise(name);
  const [direct, sallyport] = [find('direct'), find('sallyport')];
  const metrics: Metric[] = [];
  const add = (name: string, unit: string, samples: Metric['samples']): void => {
    metrics.push({ name, unit, better: 'less', samples });
  };
  const both = async (measure: (way: Way) => Promise<number[]>): Promise<Metric['samples']> => ({
    direct: await measure(direct),
    sallyport: await measure(sallyport),
  });
  const latencies = async (when: string): Promise<void> => {
    const times = await both((way) => keys(way, keystrokes));
    const share = (samples: number[] | undefined, of: number): number[] => [quantile(samples ?? [], of)];
    for (const [name, of] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const)
      add(`echo ${name}, ${when}`, 'ms', { direct: share(times.direct, of), sallyport: share(times.sallyport, of) });
    add(`logon, ${when}`, 's', await both(logons));
    say(
      `  ${when}: ${metrics
        .slice(-3)
        .map(({ name, samples }) => `${name} ${JSON.stringify(samples)}`)
        .join('; ')}`,
    );
  };
  await closeTerminals(await openTerminals(sallyport, 50, 'exec cat'));
  await latencies('nobody else there');
  await pause(SETTLE_MS);
  const empty = memoryKiB(sessionPids);
  const idle = await openTerminals(sallyport, idleSessions, 'exec cat');
  await pause(SETTLE_MS);
  add(`memory of an idle session, ${idleSessions} open`, 'KiB', {
    sallyport: [(memoryKiB(sessionPids) - empty) / idleSessions],
  });
  await latencies(`${idleSessions} idle`);
  const busy = await openTerminals(sallyport, busySessions, PRINT_SLOWLY);
  for (const { child } of busy) child.stdout.resume();
  await pause(SETTLE_MS);
  const crowd = `${idleSessions} idle and ${busySessions} busy`;
  add(`memory of a session, ${crowd}`, 'KiB', {
    sallyport: [(memoryKiB(sessionPids) - empty) / (idleSessions + busySessions)],
  });
  const [cpuBefore, since] = [cpuSeconds(sessionPids), performance.now()];
  await latencies(crowd);
  const share = (cpuSeconds(sessionPids) - cpuBefore) / ((performance.now() - since) / 1_000);
  add(`cores of the bastion at work, ${crowd}`, '', { sallyport: [share] });
  await closeTerminals([...busy, ...idle]);
  return metrics;
}

async function keys(way: Way, count: number): Promise<number[]> {
  const terminal = await openTerminal(way, 'exec cat');
  const times = await timeKeys(terminal, count);
  await closeTerminals([terminal]);
  return times;
}

async function logons({ args }: Way): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < LOGONS; i += 1) {
    const started = performance.now();
    await mustRun('ssh', [...args, 'true']);
    times.push((performance.now() - started) / 1_000);
  }
  return times;
}

function raise(name: string): never {
  throw new Error(`there is no way ${name}`);
}
