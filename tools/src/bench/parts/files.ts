import { ensureRsync, mustRun } from '@sallyport/testing';
import type { BenchOptions } from '../options.js';
import type { Metric } from '../results.js';
import type { Surroundings } from '../surroundings.js';
import { measureTransfers, TRANSFER_TIMEOUT_MS } from './transfer.js';
import type { Transfer } from './transfer.js';

const FILE = 'blob';

/** A file up and down by the other programs that people copy files with (D6), between the memory of both ends. */
export async function measureFiles(around: Surroundings, options: BenchOptions): Promise<Metric[]> {
  const { sizeMiB } = options;
  const [out, back] = ['out', 'back'].map((name) => `/dev/shm/sallyport-bench-${process.pid}-${name}`) as [
    string,
    string,
  ];
  await mustRun('truncate', ['-s', `${sizeMiB}M`, out]);
  const timeoutMs = TRANSFER_TIMEOUT_MS;
  await around.target.run(`su bench -c 'head -c ${sizeMiB}M /dev/zero >~/${FILE}'`, { timeoutMs });
  const scp =
    (flags: readonly string[], way: 'up' | 'down'): Transfer =>
    async (args) => {
      const there = `${args.at(-1) ?? ''}:${FILE}`;
      const fromTo = way === 'up' ? [out, there] : [there, back];
      await mustRun('scp', ['-q', ...flags, ...args.slice(0, -1), ...fromTo], { timeoutMs });
    };
  const { program, env } = await ensureRsync();
  const rsync =
    (way: 'up' | 'down'): Transfer =>
    async (args) => {
      const there = `${args.at(-1) ?? ''}:${FILE}`;
      const fromTo = way === 'up' ? [out, there] : [there, back];
      // The connection is there; its socket is all that this ssh needs to know.
      const ssh = ['ssh', '-F', 'none', ...args.slice(0, 2)].join(' ');
      await mustRun(program, ['-I', '-W', '--inplace', '-e', ssh, ...fromTo], { env, timeoutMs });
    };
  try {
    return await measureTransfers(around, options, {
      'scp down': scp([], 'down'),
      'scp up': scp([], 'up'),
      'scp -O down': scp(['-O'], 'down'),
      'scp -O up': scp(['-O'], 'up'),
      'rsync down': rsync('down'),
      'rsync up': rsync('up'),
    });
  } finally {
    await mustRun('rm', ['-f', out, back]);
  }
}
