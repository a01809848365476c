import type { Regression } from './compare.js';
import { ratio } from './compare.js';
import { titles } from './results.js';
import type { Metric, WayName } from './results.js';
import { median } from './statistics.js';

/** The table that a person reads, as Markdown: medians, and Sallyport's as a share of the others'. The bare relay where it took part. */
export function table(metrics: readonly Metric[]): string {
  const others: readonly WayName[] = metrics.some(({ samples }) => samples.bare)
    ? ['direct', 'jump', 'bare']
    : ['direct', 'jump'];
  const names = others.map((way) => titles[way]);
  const columns = ['', 'unit', ...names, titles.sallyport, ...names.map((name) => `÷ ${name}`), 'rounds'];
  const rows = metrics.map((metric) => {
    const { name, unit, samples } = metric;
    const cell = (values: readonly number[] | undefined): string => (values?.length ? short(median(values)) : '');
    const share = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(2));
    const medians = [...others, 'sallyport' as const].map((way) => cell(samples[way]));
    const shares = others.map((way) => share(ratio(metric, way)));
    return [name, unit, ...medians, ...shares, String(samples.sallyport?.length ?? 0)];
  });
  const widths = columns.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i < 2 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(columns), rule, ...rows.map(line)].join('\n');
}

/** What became worse, a line each. */
export function describeRegressions(found: readonly Regression[]): string {
  const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
  const lines = found.map(
    ({ name, before, now, worseBy, noise }) =>
      `${name}: ${short(before)} → ${short(now)}, worse by ${percent(worseBy)} (chance explains ${percent(noise)})`,
  );
  return lines.join('\n');
}

/** Three digits that matter. */
function short(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(value >= 1 ? 2 : 3);
}
