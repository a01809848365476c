import { accessSync, constants } from 'node:fs';
import type { ServerChannel, Session } from 'ssh2';
import { SessionEnvironment } from './machine-environment.js';
import type { Logon } from './machine-environment.js';
import { runInTerminal, runWithPipes } from './run-process.js';
import type { Program, RunningProcess, TerminalSize } from './run-process.js';

/** ssh2 passes no function when the peer wants no reply, whatever its types say. */
type Reply = (() => unknown) | undefined;

const shell = findShell();

/**
 * Runs what a session channel asks for: a shell or a command, with or without a terminal. No subsystems.
 * @param processes holds what runs, for as long as its channel is open
 */
export function serveSession(session: Session, logon: Logon, processes: Set<RunningProcess>): void {
  const environment = new SessionEnvironment(logon, shell);
  let terminal: (TerminalSize & { name: string }) | undefined;
  let running: RunningProcess | undefined;

  session.on('env', (accept: Reply, reject: Reply, { key, val }) => {
    if (environment.set(key, val)) accept?.();
    else reject?.();
  });
  session.on('pty', (accept: Reply, _reject: Reply, { term, cols, rows }) => {
    terminal = { name: /^[\w.+-]{1,64}$/.test(term) ? term : 'dumb', cols, rows };
    accept?.();
  });
  session.on('window-change', (accept: Reply, _reject: Reply, size) => {
    running?.resize(size);
    accept?.();
  });
  session.on('signal', (accept: Reply, _reject: Reply, { name }) => {
    running?.signal(name);
    accept?.();
  });
  session.on('shell', (accept) => {
    running = start(accept(), ['-l']);
  });
  session.on('exec', (accept, _reject, { command }) => {
    running = start(accept(), ['-c', command]);
  });
  session.on('subsystem', (_accept, reject: Reply) => {
    reject?.();
  });

  function start(channel: ServerChannel, args: string[]): RunningProcess {
    const program: Program = {
      file: shell,
      args,
      folder: logon.home,
      environment: environment.variables(terminal?.name),
    };
    const started = terminal ? runInTerminal(channel, program, terminal) : runWithPipes(channel, program);
    processes.add(started);
    channel.once('close', () => processes.delete(started));
    return started;
  }
}

/** bash where there is one. */
function findShell(): string {
  try {
    accessSync('/bin/bash', constants.X_OK);
    return '/bin/bash';
  } catch {
    return '/bin/sh';
  }
}
