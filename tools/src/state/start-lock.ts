import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../progress.mjs';

/**
 * Keeps a second `npm start` away from the same folder. The lock names a process by its id and start time, so what is left
 * by one that was killed does not count.
 * @returns what gives the folder back
 * @throws Failure when another process holds it
 */
export function takeLock(folder: string): () => void {
  const path = join(folder, 'lock');
  const holder = readLock(path);
  if (holder !== undefined && holder.startedAt === startTime(holder.pid)) {
    throw new Failure(
      `Sallyport runs already in ${folder}, as process ${holder.pid}. Stop it with Ctrl-C, or give this one a folder and ports of its own (SALLYPORT_HOME, SALLYPORT_SSH_PORT, SALLYPORT_HTTP_PORT).`,
    );
  }
  writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: startTime(process.pid) }), { mode: 0o600 });
  return () => {
    rmSync(path, { force: true });
  };
}

interface Lock {
  pid: number;
  startedAt: string;
}

function readLock(path: string): Lock | undefined {
  try {
    const lock: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const fits = typeof lock === 'object' && lock !== null && 'pid' in lock && 'startedAt' in lock;
    return fits ? { pid: Number(lock.pid), startedAt: String(lock.startedAt) } : undefined;
  } catch {
    return undefined; // not there, or cut short by a crash
  }
}

/**
 * In ticks since the machine started: field 22 of /proc/PID/stat (proc(5)), counted behind the name, which may hold
 * blanks. Where there is no /proc, whether the process lives is all we can tell.
 */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')')).split(' ')[20] ?? '';
  } catch {
    return isAlive(pid) ? 'alive' : `ended ${pid}`;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
