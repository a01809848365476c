/** A time as a person says it: in the largest unit that gives a whole number, one second at least. */
export function inWords(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  for (const [unit, size] of [
    ['hour', 3_600],
    ['minute', 60],
    ['second', 1],
  ] as const) {
    const count = seconds / size;
    if (Number.isInteger(count)) return `${count} ${unit}${count === 1 ? '' : 's'}`;
  }
  return `${seconds} seconds`;
}
