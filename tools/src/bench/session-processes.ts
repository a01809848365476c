import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc; Linux has had 100 for user space on all its platforms for decades. */
export const TICKS_PER_SECOND = 100;

/** The processes of the session service that listens on this port, found by their environment. */
export function sessionProcesses(sshPort: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isSession(name, sshPort))
    .map(Number);
}

function isSession(pid: string, sshPort: number): boolean {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('services/session/dist/')) return false;
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`SESSION_SSH_PORT=${sshPort}`);
  } catch {
    return false; // it ended, or is not ours to look into
  }
}

/** Seconds of processor time that these processes have used, in user space and in the kernel. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce(
    (sum, pid) => sum + ticksOf(readFileSync(`/proc/${pid}/stat`, 'utf8'), [13, 14]) / TICKS_PER_SECOND,
    0,
  );
}

/** As in proc(5), counted from 0; the command's name in parentheses may hold spaces. */
export function ticksOf(stat: string, fields: readonly number[]): number {
  const after = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.reduce((sum, field) => sum + Number(after[field - 2] ?? 0), 0);
}

/** KiB of memory that belong to these processes, shared pages by their share. */
export function memoryKiB(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
    return sum + Number(pss?.[1] ?? 0);
  }, 0);
}
