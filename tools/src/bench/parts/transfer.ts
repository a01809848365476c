import { mustRun } from '@sallyport/testing';
import { interleave } from '../interleave.js';
import type { Figures } from '../interleave.js';
import { jumpCpuSeconds } from '../jump-host.js';
import type { BenchOptions } from '../options.js';
import type { Metric } from '../results.js';
import { cpuSeconds } from '../session-processes.js';
import type { Surroundings } from '../surroundings.js';
import type { Way } from '../ways.js';
import { openMaster } from './master.js';

export const TRANSFER_TIMEOUT_MS = 10 * 60_000;
const FILE = 'blob';

const rate = (name: string) => ({ name, unit: 'MiB/s', better: 'more' as const });
const cpu = (name: string) => ({ name: `${name}, CPU of the bastion`, unit: 's/GiB', better: 'less' as const });

/** Zeros down and up through `ssh … dd` and `ssh … cat`, and what they cost the machine in the middle. */
export function measureBulk(around: Surroundings, options: BenchOptions): Promise<Metric[]> {
  const { down, up } = bulkTransfers(options.sizeMiB);
  return measureTransfers(around, options, { 'bulk down': down, 'bulk up': up });
}

export function bulkTransfers(sizeMiB: number): Readonly<Record<'down' | 'up', Transfer>> {
  const down = (args: readonly string[]) =>
    shell('"$@" >/dev/null', ['ssh', ...args, `dd if=/dev/zero bs=1M count=${sizeMiB} status=none`]);
  const up = (args: readonly string[]) =>
    shell(`dd if=/dev/zero bs=1M count=${sizeMiB} status=none | "$@"`, ['ssh', ...args, 'cat >/dev/null']);
  return { down, up };
}

/** The same by `sftp`: a file in the memory of the target, from and to /dev/null or a file without blocks here. */
export async function measureSftp(around: Surroundings, options: BenchOptions): Promise<Metric[]> {
  const { sizeMiB } = options;
  const local = `/dev/shm/sallyport-bench-${process.pid}`;
  await mustRun('truncate', ['-s', `${sizeMiB}M`, local]);
  await around.target.run(`su bench -c 'head -c ${sizeMiB}M /dev/zero >~/${FILE}'`, { timeoutMs: TRANSFER_TIMEOUT_MS });
  const batch = (line: string) => (args: readonly string[]) =>
    shell('printf "%s\\n" "$0" | "$@"', ['sftp', '-q', '-b', '-', ...args], line);
  try {
    return await measureTransfers(around, options, {
      'sftp down': batch(`get ${FILE} /dev/null`),
      'sftp up': batch(`put ${local} ${FILE}`),
    });
  } finally {
    await mustRun('rm', ['-f', local]);
  }
}

/**
 * The same bytes down as a command's output, which only their number is recorded of, and as what a terminal shows, which is recorded
 * to the last byte: what the recorder costs is the difference between the two, less that of the way without it.
 */
export function measureTerminal(around: Surroundings, options: BenchOptions): Promise<Metric[]> {
  const sizeMiB = Math.ceil(options.sizeMiB / SHARE_ON_TERMINAL);
  // Lines of 63 letters, as programs print, through a terminal that leaves them alone.
  const print = `yes ${'x'.repeat(63)} | head -c ${sizeMiB}M`;
  const command = (args: readonly string[]) => shell('"$@" >/dev/null', ['ssh', ...args, print]);
  const terminal = (args: readonly string[]) =>
    shell('"$@" >/dev/null </dev/null', ['ssh', '-tt', ...args, `stty raw; ${print}`]);
  const transfers = { 'lines of a command': command, 'lines on a terminal, recorded': terminal };
  return measureTransfers(around, { ...options, sizeMiB }, transfers);
}

/** A terminal takes so much longer. */
const SHARE_ON_TERMINAL = 4;

export type Transfer = (args: readonly string[]) => Promise<void>;

/** Each transfer by each way by turns, on a connection that stands: its rate, and the processor time of whoever is in the middle. */
export function measureTransfers(
  { ways, jump, barePid, sessionPids }: Surroundings,
  { rounds, sizeMiB }: BenchOptions,
  transfers: Readonly<Record<string, Transfer>>,
): Promise<Metric[]> {
  const names = Object.keys(transfers);
  const metrics = [...names.map(rate), ...names.map(cpu)];
  const spent = async (way: Way): Promise<number> => {
    if (way.name === 'jump') return jumpCpuSeconds(jump);
    return cpuSeconds(way.name === 'bare' && barePid !== undefined ? [barePid] : sessionPids);
  };
  return interleave(ways, rounds, metrics, async (way) => {
    const figures: Record<string, number> = {};
    for (const [name, transfer] of Object.entries(transfers)) {
      const before = await spent(way);
      const master = await openMaster(way);
      const started = performance.now();
      await transfer(master.args);
      figures[name] = sizeMiB / ((performance.now() - started) / 1_000);
      if (way.name !== 'direct') figures[cpu(name).name] = ((await spent(way)) - before) / (sizeMiB / 1_024);
      await master.stop();
    }
    return figures satisfies Figures;
  });
}

/** Runs a shell line whose `$@` is the command, and whose `$0` is a text for it. */
async function shell(line: string, command: readonly string[], text = 'sh'): Promise<void> {
  await mustRun('sh', ['-c', line, text, ...command], { timeoutMs: TRANSFER_TIMEOUT_MS });
}
