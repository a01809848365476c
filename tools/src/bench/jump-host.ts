import type { SshdHost } from '@sallyport/testing';
import { ticksOf, TICKS_PER_SECOND } from './session-processes.js';

/** Processor time of all processes of the jump host, and of those that have ended: their parents account for them. */
export async function jumpCpuSeconds(jump: SshdHost): Promise<number> {
  const { stdout } = await jump.run('cat /proc/[0-9]*/stat 2>/dev/null');
  const lines = stdout.split('\n').filter((line) => line.includes(')'));
  return lines.reduce((sum, line) => sum + ticksOf(line, [13, 14, 15, 16]) / TICKS_PER_SECOND, 0);
}

/** KiB of memory of all processes of the jump host, shared pages by their share. */
export async function jumpMemoryKiB(jump: SshdHost): Promise<number> {
  const { stdout } = await jump.run(
    `cat /proc/[0-9]*/smaps_rollup 2>/dev/null | awk '/^Pss:/ {sum += $2} END {print sum}'`,
  );
  return Number(stdout);
}
