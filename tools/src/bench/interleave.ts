import { say } from '../../progress.mjs';
import { titles } from './results.js';
import type { Metric, WayName } from './results.js';
import type { Way } from './ways.js';

/** What one round of one way gave, by the name of the metric. */
export type Figures = Readonly<Record<string, number | readonly number[]>>;

/**
 * Lets the ways do the same work by turns, so that what else the machine does meets them all, and each round begins with another.
 * The first round warms caches and is not counted.
 */
export async function interleave(
  ways: readonly Way[],
  rounds: number,
  metrics: readonly Omit<Metric, 'samples'>[],
  work: (way: Way) => Promise<Figures>,
): Promise<Metric[]> {
  const samples = new Map<string, Partial<Record<WayName, number[]>>>(metrics.map(({ name }) => [name, {}]));
  for (let round = 0; round <= rounds; round += 1) {
    const told: string[] = [];
    for (let i = 0; i < ways.length; i += 1) {
      const way = ways[(round + i) % ways.length];
      if (!way) continue;
      const figures = await work(way);
      for (const [name, value] of Object.entries(figures)) {
        const values = typeof value === 'number' ? [value] : value;
        if (round > 0) ((samples.get(name) ?? {})[way.name] ??= []).push(...values);
        if (values.length === 1) told.push(`${titles[way.name]} ${name} ${values[0]?.toFixed(2) ?? ''}`);
      }
    }
    say(`  ${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}: ${told.join(', ')}`);
  }
  return metrics.map((metric) => ({ ...metric, samples: samples.get(metric.name) ?? {} }));
}
