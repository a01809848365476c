import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { spawn as spawnInTerminal } from 'node-pty';
import type { ServerChannel } from 'ssh2';
import { ChannelOutput } from './channel-output.js';

/** What to run, and where. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Record<string, string>;
}

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** A process that runs for a channel; it ends the channel when it ends, and ends when the channel does. */
export interface RunningProcess {
  /** @param name as in RFC 4254 section 6.9, without `SIG`; unknown ones are ignored */
  signal(name: string): void;
  /** Nothing without a terminal. */
  resize(size: TerminalSize): void;
  /** As when the client went away. */
  hangUp(): void;
}

/** Standard input, output and error apart; exit status and signal as they are. */
export function runWithPipes(channel: ServerChannel, program: Program): RunningProcess {
  const child = spawn(program.file, program.args, {
    cwd: program.folder,
    env: program.environment,
    stdio: 'pipe',
    detached: true, // a process group of its own, so that a signal reaches all of it
  });
  child.stdin.on('error', () => undefined); // the process closed its input first; what it thinks of that is its exit status
  channel.pipe(child.stdin);
  const output = new ChannelOutput(channel);
  output.take(child.stdout, 'output');
  output.take(child.stderr, 'error');
  let over = false;
  child.once('exit', () => {
    over = true; // what it left in the background lives on, as with sshd
  });
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid !== undefined && !over) signalGroup(child.pid, name);
  };
  channel.once('close', () => {
    child.stdout.destroy();
    child.stderr.destroy();
    signal('SIGHUP');
  });
  child.once('error', () => {
    output.end(127);
  });
  child.once('close', (code, name) => {
    output.end(name ? sshExit(name) : (code ?? 255));
  });
  return {
    signal: (name) => {
      if (isSignal(name)) signal(`SIG${name}`);
    },
    resize: () => undefined,
    hangUp: () => {
      signal('SIGHUP');
    },
  };
}

/** In a pseudo-terminal: output and error are one. */
export function runInTerminal(channel: ServerChannel, program: Program, size: TerminalSize): RunningProcess {
  const terminal = spawnInTerminal(program.file, [...program.args], {
    name: program.environment['TERM'] ?? 'dumb',
    cwd: program.folder,
    env: program.environment,
    encoding: null,
    ...validSize(size),
  });
  let over = false;
  channel.on('data', (data: Buffer) => {
    if (!over) terminal.write(data);
  });
  const output = new ChannelOutput(channel);
  terminal.onData((data) => {
    terminal.pause();
    void output.write(Buffer.from(data)).then(() => {
      if (!over) terminal.resume();
    });
  });
  const hangUp = (): void => {
    if (!over) signalGroup(terminal.pid, 'SIGHUP');
  };
  channel.once('close', hangUp);
  terminal.onExit(({ exitCode, signal }) => {
    over = true;
    const name = signal ? signalName(signal) : undefined;
    output.end(name ? sshExit(name) : exitCode);
  });
  return {
    hangUp,
    signal: (name) => {
      if (!over && isSignal(name)) signalGroup(terminal.pid, `SIG${name}`);
    },
    resize: (wanted) => {
      if (!over)
        resizeQuietly(() => {
          terminal.resize(validSize(wanted).cols, validSize(wanted).rows);
        });
    },
  };
}

/** The signals that SSH has names for, RFC 4254 section 6.10. */
const sshSignals = new Set([
  'ABRT',
  'ALRM',
  'FPE',
  'HUP',
  'ILL',
  'INT',
  'KILL',
  'PIPE',
  'QUIT',
  'SEGV',
  'TERM',
  'USR1',
  'USR2',
]);

type SignalWithoutPrefix = NodeJS.Signals extends `SIG${infer Name}` ? Name : never;

function isSignal(name: string): name is SignalWithoutPrefix {
  return sshSignals.has(name);
}

/** A signal that SSH has no name for becomes a status, as shells have it. */
function sshExit(name: NodeJS.Signals): number | NodeJS.Signals {
  return isSignal(name.slice(3)) ? name : 128 + constants.signals[name];
}

function signalName(number: number): NodeJS.Signals | undefined {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] as NodeJS.Signals | undefined;
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // it is gone already
  }
}

/** A client may send 0, which means "not known" (RFC 4254 section 6.2). */
function validSize({ cols, rows }: TerminalSize): TerminalSize {
  return { cols: cols > 0 ? Math.min(cols, 10_000) : 80, rows: rows > 0 ? Math.min(rows, 10_000) : 24 };
}

/** The terminal may have gone a moment ago. */
function resizeQuietly(resize: () => void): void {
  try {
    resize();
  } catch {
    // it is gone already
  }
}
