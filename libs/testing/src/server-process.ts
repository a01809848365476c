import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { forgetGroup, reapGroup } from './reaper.js';

export interface ServerProcessOptions {
  /** The whole environment of the process; ours is not passed on unless it is given here. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Everything it prints is appended here as well. */
  logFile?: string;
  /** `pipe` leaves its standard input open until we end; `ignore`, the default, closes it at once. */
  stdin?: 'pipe' | 'ignore';
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A few words for a message: the signal, else the exit code. */
export function describeExit({ code, signal }: Exit): string {
  return signal ?? `exit code ${code ?? 'unknown'}`;
}

const LINES_KEPT = 20_000;

/** A child process in a group of its own, that ends with us at the latest, and whose lines (both streams) are kept. */
export class ServerProcess {
  /** Settles, and never rejects, when the process has ended and all it printed has been read. */
  readonly exited: Promise<Exit>;
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  #running = true;

  constructor(command: string, args: readonly string[], options: ServerProcessOptions = {}) {
    const stdio: StdioOptions = [options.stdin ?? 'ignore', 'pipe', 'pipe'];
    const { env = process.env, cwd, uid, gid, logFile } = options;
    const child = spawn(command, args, { env, cwd, uid, gid, stdio, detached: true });
    this.#child = child;
    child.stdin?.on('error', () => undefined);
    if (child.pid !== undefined) reapGroup(child.pid);
    const log = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a', mode: 0o600 });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream)
        createInterface({ input: stream }).on('line', (line) => {
          this.#keep(line);
          log?.write(`${line}\n`);
        });
    }
    this.exited = new Promise((resolve) => {
      const end = (exit: Exit): void => {
        if (this.#running && child.pid !== undefined) forgetGroup(child.pid);
        this.#running = false;
        log?.end();
        resolve(exit);
      };
      child.once('error', (error) => {
        this.#keep(`cannot start ${command}: ${error.message}`);
        if (child.pid === undefined) end({ code: 127, signal: null });
      });
      child.once('close', (code, signal) => {
        end({ code, signal });
      });
      // A grandchild may hold the pipes open past its parent's end: what they hold a second later is read first, and is all.
      child.once('exit', (code, signal) => setTimeout(() => setImmediate(end, { code, signal }), 1_000).unref());
    });
  }

  /** @throws Error when it could not be started at all */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(this.lines.join('\n') || 'the process was not started');
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Its last lines, for an error message. */
  tail(count = 15): string {
    return this.lines.slice(-count).join('\n');
  }

  /** Writes to its standard input, where that is a pipe; without text, closes it. */
  say(text?: string): void {
    if (text === undefined) this.#child.stdin?.end();
    else this.#child.stdin?.write(text);
  }

  /** Sends the signal to the whole group; nothing happens when it has ended. */
  signal(signal: NodeJS.Signals): void {
    if (!this.#running || this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // ESRCH: it has ended, and Node has not told us yet
    }
  }

  /** Asks the process to end, then makes it: SIGKILL after `graceMs`. Returns when it has ended; may be called again. */
  async stop({
    signal = 'SIGTERM',
    graceMs = 5_000,
  }: { signal?: NodeJS.Signals; graceMs?: number } = {}): Promise<Exit> {
    this.signal(signal);
    const timer = setTimeout(() => {
      this.signal('SIGKILL');
    }, graceMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  #keep(line: string): void {
    this.lines.push(line);
    if (this.lines.length > LINES_KEPT) this.lines.splice(0, LINES_KEPT / 2);
  }
}
