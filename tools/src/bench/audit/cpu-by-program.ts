import { readdirSync, readFileSync } from 'node:fs';
import { TICKS_PER_SECOND, ticksOf } from '../session-processes.js';

/** What has a part in taking events in, by what its command line has in it. */
const programs = { audit: 'services/audit/dist/', postgres: 'postgres', 'nats-server': 'nats-server' };
export type Program = keyof typeof programs | 'publisher';

/** Seconds of processor time that each has used so far: those that come from this process, and this process itself. Linux. */
export function cpuByProgram(root: number): Record<Program, number> {
  const used = { audit: 0, postgres: 0, 'nats-server': 0, publisher: seconds(process.pid) };
  for (const pid of descendants(root)) {
    const command = read(pid, 'cmdline');
    for (const [name, mark] of Object.entries(programs))
      if (command.includes(mark)) used[name as keyof typeof programs] += seconds(pid);
  }
  return used;
}

const seconds = (pid: number): number => ticksOf(read(pid, 'stat'), [13, 14]) / TICKS_PER_SECOND;

function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const pid of readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)) {
    const parent = ticksOf(read(pid, 'stat'), [3]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const below = (pid: number): number[] => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(root);
}

/** Empty where the process has ended. */
function read(pid: number, file: 'cmdline' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
