import type { Regression } from './compare.js';
import { ratio } from './compare.js';
import type { Metric } from './results.js';
import { median } from './statistics.js';

const columns = ['', 'unit', 'direct', 'ssh -J', 'Sallyport', '÷ direct', '÷ ssh -J', 'rounds'];

/** The table that a person reads, as Markdown: medians, and Sallyport's as a share of OpenSSH's. */
export function table(metrics: readonly Metric[]): string {
  const rows = metrics.map((metric) => {
    const { name, unit, samples } = metric;
    const cell = (values: readonly number[] | undefined): string => (values?.length ? short(median(values)) : '');
    const share = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(2));
    const rounds = String(samples.sallyport?.length ?? 0);
    const medians = [cell(samples.direct), cell(samples.jump), cell(samples.sallyport)];
    return [name, unit, ...medians, share(ratio(metric, 'direct')), share(ratio(metric, 'jump')), rounds];
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
