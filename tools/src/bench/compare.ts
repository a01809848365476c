import type { Metric, WayName } from './results.js';
import { median, relativeNoise } from './statistics.js';

/** A figure that is worse than in an earlier run by more than chance explains. */
export interface Regression {
  name: string;
  /** Sallyport's figure as a share of the yardstick's, then and now; the figure itself where there is no yardstick. */
  before: number;
  now: number;
  /** By how much worse, and how much could be chance, both as shares. */
  worseBy: number;
  noise: number;
}

/** Changes below this are never told: they are within what a machine does from one day to the next. */
const SMALLEST_SHARE = 0.05;
/** Fewer samples than this show no noise of their own, so that of others, which is generous, is taken for it. */
const FEWEST_SAMPLES = 3;
const SMALLEST_SHARE_OF_FEW = 0.25;
/** Standard errors that are still taken for chance. */
const CONFIDENCE = 2;

/**
 * Compares what two runs have in common. Both are seen relative to OpenSSH in the same run, so that a slower or busier
 * machine is not taken for slower code.
 */
export function regressions(before: readonly Metric[], now: readonly Metric[]): Regression[] {
  return now.flatMap((metric) => {
    const earlier = before.find(({ name }) => name === metric.name);
    const [then, today] = [earlier && relative(earlier), relative(metric)];
    if (!then || !today || then.value === 0 || today.value === 0) return [];
    const change = today.value / then.value;
    const worseBy = metric.better === 'less' ? change - 1 : 1 / change - 1;
    const smallest = then.few || today.few ? SMALLEST_SHARE_OF_FEW : SMALLEST_SHARE;
    const noise = Math.max(smallest, CONFIDENCE * Math.hypot(then.noise, today.noise));
    if (worseBy <= noise) return [];
    return [{ name: metric.name, before: then.value, now: today.value, worseBy, noise }];
  });
}

/** Sallyport's median over that of the yardstick. */
export function ratio({ samples }: Metric, yardstick: WayName): number | undefined {
  const [ours, theirs] = [samples.sallyport, samples[yardstick]];
  if (!ours?.length || !theirs?.length || median(theirs) === 0) return undefined;
  return median(ours) / median(theirs);
}

function relative(metric: Metric): { value: number; noise: number; few: boolean } | undefined {
  const { sallyport, jump = [] } = metric.samples;
  if (!sallyport?.length) return undefined;
  const value = ratio(metric, 'jump');
  const compared = value === undefined ? [sallyport] : [sallyport, jump];
  return {
    value: value ?? median(sallyport),
    noise: Math.hypot(...compared.map(relativeNoise)),
    few: compared.some(({ length }) => length < FEWEST_SAMPLES),
  };
}
