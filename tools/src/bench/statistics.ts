/** The value below which `share` (0 to 1) of the sorted samples lie, by linear interpolation. @throws Error without samples */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) throw new Error('no samples');
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/**
 * How far a median of so many samples may be off, as a share of it: the standard error of a median, with the spread taken
 * from the median absolute deviation, which one slow round does not move.
 */
export function relativeNoise(samples: readonly number[]): number {
  const middle = median(samples);
  if (middle === 0 || samples.length < 2) return 0;
  const deviation = 1.4826 * median(samples.map((sample) => Math.abs(sample - middle)));
  return (1.2533 * deviation) / Math.sqrt(samples.length) / Math.abs(middle);
}
