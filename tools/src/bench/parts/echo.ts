import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { interleave } from '../interleave.js';
import type { BenchOptions } from '../options.js';
import type { Metric } from '../results.js';
import { quantile } from '../statistics.js';
import type { Surroundings } from '../surroundings.js';
import { closeTerminals, openTerminal, openTerminals } from './terminal.js';
import type { Terminal } from './terminal.js';

/** Twenty lines a second, by a process that costs next to nothing. */
const PRINT = `exec perl -e '$|=1; while (1) { print "x" x 78, "\\n"; select(undef, undef, undef, 0.05) }'`;
/** A fast typist. */
const BETWEEN_KEYS_MS = 20;
const MOST_ROUNDS = 3;

/** From a key to its echo from the target's terminal, while other terminals print. */
export function measureEcho(
  { ways }: Surroundings,
  { rounds, busySessions, keystrokes }: BenchOptions,
): Promise<Metric[]> {
  const name = (share: string): string => `echo ${share}, ${busySessions} busy terminals`;
  const metrics = ['p50', 'p99'].map((share) => ({ name: name(share), unit: 'ms', better: 'less' as const }));
  return interleave(ways, Math.min(rounds, MOST_ROUNDS), metrics, async (way) => {
    const busy = await openTerminals(way, busySessions, PRINT);
    for (const { child } of busy) child.stdout.resume();
    const terminal = await openTerminal(way, 'exec cat');
    const times = await timeKeys(terminal, keystrokes);
    await closeTerminals([terminal, ...busy]);
    return { [name('p50')]: quantile(times, 0.5), [name('p99')]: quantile(times, 0.99) };
  });
}

export async function timeKeys({ child }: Terminal, count: number): Promise<number[]> {
  await pause(200); // what came with the prompt is over
  child.stdout.read();
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const echoed = once(child.stdout, 'data', { signal: AbortSignal.timeout(10_000) });
    const pressed = performance.now();
    child.stdin.write('k');
    await echoed;
    times.push(performance.now() - pressed);
    await pause(BETWEEN_KEYS_MS);
  }
  return times;
}
