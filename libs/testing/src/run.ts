import { spawn } from 'node:child_process';
import { forgetGroup, reapGroup } from './reaper.js';

export interface RunOptions {
  /** Added to our own environment; undefined takes a name away. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Runs as another account; needs root. */
  uid?: number;
  gid?: number;
  /** Written to its standard input, which is then closed. */
  input?: string | Uint8Array;
  /** 90 seconds unless told; then the whole process group is killed. */
  timeoutMs?: number;
}

export interface RunResult {
  /** The exit code; null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command to its end. A non-zero exit code is a result, not an error.
 * @throws Error when it cannot be started, or has not ended in time
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { env, cwd, uid, gid, input = '', timeoutMs = 90_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, uid, gid, env: { ...process.env, ...env }, detached: true });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let late = false;
    const { pid } = child;
    if (pid !== undefined) reapGroup(pid);
    const timer = setTimeout(() => {
      late = true;
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    }, timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => undefined); // it may end without reading
    child.stdin.end(input);
    child.once('error', (cause) => {
      clearTimeout(timer);
      reject(new Error(`cannot run ${command}: ${cause.message}`, { cause }));
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (pid !== undefined) forgetGroup(pid);
      const stdout = Buffer.concat(out).toString();
      const stderr = Buffer.concat(err).toString();
      if (late) reject(new Error(`${command} did not end within ${timeoutMs} ms; it said: ${stderr.slice(-500)}`));
      else resolve({ code, signal, stdout, stderr });
    });
  });
}

/** As `run`, for commands that must succeed: returns what it printed. @throws Error on a non-zero exit code */
export async function mustRun(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, signal, stdout, stderr } = await run(command, args, options);
  if (code === 0) return stdout;
  throw new Error(
    `${command} ${args.join(' ')} ended with ${code ?? signal ?? 'nothing'}: ${stderr.trim().slice(-500)}`,
  );
}
