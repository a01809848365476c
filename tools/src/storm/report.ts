import type { StormOptions } from './options.js';
import type { RotationCounts } from './rotate-on.js';

/** What the target's sshd logged (LogLevel VERBOSE). */
export interface SshdCounts {
  /** TCP connections. */
  readonly connections: number;
  /** Those that logged on. */
  readonly logons: number;
  /** Lines of penalties (`PerSourcePenalties`) and of connections that were dropped. */
  readonly penalties: number;
}

export interface StormResults {
  options: StormOptions;
  openssh: string;
  logons: number;
  failures: string[];
  /** Users who were told that it takes a while. */
  told: number;
  /** Each logon's time, sorted. */
  tookMs: number[];
  /** Logons by how many values were offered to the target; `more` than three must not be. */
  attempts: Record<string, number>;
  rotations: RotationCounts;
  target: SshdCounts & { withoutLogon: number };
}

export function readSshdLog(lines: readonly string[]): SshdCounts {
  const count = (pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length;
  return {
    connections: count(/^Connection from /),
    logons: count(/^Accepted (password|publickey) for /),
    penalties: count(/penalty|^drop connection|^beginning MaxStartups/i),
  };
}

/** The lines that a person reads, as Markdown. */
export function describeStorm(results: StormResults): string {
  const { options, logons, failures, told, tookMs, attempts, rotations, target } = results;
  const at = (share: number): string => `${((tookMs[Math.ceil(tookMs.length * share) - 1] ?? 0) / 1_000).toFixed(1)} s`;
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([name, count]) => `${name}: ${count}`)
      .join('; ');
  return [
    '',
    `${options.seconds} s, ${options.rate} logons a second, a rotation every ${options.everyMs} ms with ${options.gapMs} ms between its halves, KMS ${options.slowMs} ms slower; ${options.client} at ${results.openssh}`,
    `- rotations: ${list(rotations)}`,
    `- logons: ${logons}, failed: ${failures.length}; half within ${at(0.5)}, 99 % within ${at(0.99)}, all within ${at(1)}; told to wait: ${told}`,
    `- attempts: ${list(attempts)}`,
    `- at the target: ${target.connections} TCP connections, ${target.logons} logons, ${target.withoutLogon} connections without one, ${target.penalties} penalties`,
    ...failures.slice(0, 20).map((failure) => `  failed: ${failure}`),
  ].join('\n');
}
