import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Way } from '../ways.js';

const READY = 'terminal-is-ready';
const READY_TIMEOUT_MS = 60_000;
const AT_ONCE = 8;

/** `ssh -tt` with a command that runs. */
export interface Terminal {
  readonly child: ChildProcessWithoutNullStreams;
  stop(): Promise<void>;
}

/** @param command runs once the terminal is there; what it prints is for the caller */
export async function openTerminal({ args, name }: Way, command: string): Promise<Terminal> {
  const child = spawn('ssh', ['-tt', ...args, `echo ${READY}; ${command}`], { stdio: 'pipe' });
  const closed = new Promise<void>((resolve) => child.once('close', resolve));
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stdin.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    const fail = (): void => {
      reject(new Error(`no terminal (${name}): ${said}`));
    };
    const timer = setTimeout(fail, READY_TIMEOUT_MS);
    const look = (chunk: Buffer): void => {
      said += chunk.toString();
      if (!said.includes(READY)) return;
      clearTimeout(timer);
      child.stdout.off('data', look);
      child.off('close', fail);
      resolve();
    };
    child.stdout.on('data', look);
    child.once('close', fail);
  });
  const stop = async (): Promise<void> => {
    child.kill();
    await closed;
  };
  return { child, stop };
}

/** Many of them, a few at a time. */
export async function openTerminals(way: Way, count: number, command: string): Promise<Terminal[]> {
  const open: Terminal[] = [];
  while (open.length < count) {
    const more = Array.from({ length: Math.min(AT_ONCE, count - open.length) }, () => openTerminal(way, command));
    open.push(...(await Promise.all(more)));
  }
  return open;
}

export async function closeTerminals(terminals: readonly Terminal[]): Promise<void> {
  await Promise.all(terminals.map((terminal) => terminal.stop()));
}
