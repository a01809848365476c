// @ts-check
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Failure } from './progress.mjs';

/** @type {NodeJS.Signals[]} */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The folder that holds package.json. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** What runs now: told to end when we are. @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** @param {NodeJS.Signals} signal */
function endWith(signal) {
  for (const child of running) child.kill(signal);
  process.exit(128 + constants.signals[signal]);
}

/** @param {import('node:child_process').ChildProcess} child */
function track(child) {
  if (running.size === 0) for (const signal of endings) process.on(signal, endWith);
  running.add(child);
  child.once('close', () => {
    running.delete(child);
    if (running.size === 0) for (const signal of endings) process.off(signal, endWith);
  });
}

/**
 * Runs a command in the root folder, quietly. It ends when we are told to.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string>, timeoutMs?: number, logFile?: string }} [options] `logFile` gets what it prints
 * @returns {Promise<{ code: number | null, output: string }>} output and errors together
 */
export function attempt(command, args, { env = {}, timeoutMs = 15 * 60_000, logFile } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
    });
    track(child);
    const log = logFile === undefined ? undefined : createWriteStream(logFile);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        log?.write(text);
      });
    }
    child.once('error', (error) => resolve({ code: 127, output: error.message }));
    child.once('close', (code, signal) => {
      log?.end();
      if (signal === 'SIGTERM') output += `\n(stopped after ${timeoutMs / 1000} s)`;
      resolve({ code, output });
    });
  });
}

/**
 * As `attempt`, for what must succeed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Parameters<typeof attempt>[2]} [options]
 * @returns {Promise<string>}
 */
export async function command(command, args, options) {
  const { code, output } = await attempt(command, args, options);
  if (code === 0) return output;
  throw new Failure(`${command} ${args.join(' ')} failed`, { details: output });
}

/** Nx without its daemon, terminal interface, questions, and colours, which it would force on all programs below it. */
export const nxEnvironment = {
  NX_DAEMON: 'false',
  NX_TUI: 'false',
  NX_NO_CLOUD: 'true',
  CI: 'true',
  FORCE_COLOR: '0',
  npm_config_loglevel: 'error',
};

/**
 * @param {readonly string[]} targets
 * @param {readonly string[]} [args]
 * @returns {[string, string[]]} a command that runs these targets of all projects that have them
 */
export function nx(targets, args = []) {
  return [
    process.execPath,
    ['node_modules/nx/dist/bin/nx.js', 'run-many', '-t', ...targets, '--output-style=static', ...args],
  ];
}
