// @ts-check
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Failure } from './progress.mjs';

/** The folder that holds package.json. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs a command in the root folder, quietly. Ctrl-C reaches it as well, since it stays in our process group.
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

/** Nx without its daemon, terminal interface and questions. */
export const nxEnvironment = {
  NX_DAEMON: 'false',
  NX_TUI: 'false',
  NX_NO_CLOUD: 'true',
  CI: 'true',
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
