import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canRunSshd, freePort, makeUserKey, ServerProcess, startSshd, tempDir, waitFor } from '@sallyport/testing';
import type { SshdHost } from '@sallyport/testing';
import { Failure } from '../../progress.mjs';
import type { LocalFile } from '../local-file.js';
import { root } from '../settings.js';
import type { BenchOptions } from './options.js';
import { registerTarget } from './register-target.js';
import { sessionProcesses } from './session-processes.js';
import { waysTo } from './ways.js';
import type { Way } from './ways.js';

/** All that a measurement needs, running. */
export interface Surroundings {
  readonly ways: readonly Way[];
  readonly target: SshdHost;
  readonly jump: SshdHost;
  /** Process ids of the session service. */
  readonly sessionPids: readonly number[];
  stop(): Promise<void>;
}

const ACCOUNT = 'bench';
const START_TIMEOUT_MS = 5 * 60_000;

/** Two sshd, a Sallyport, and a target that it knows. @throws Failure where this machine lets us start no sshd */
export async function startSurroundings(options: BenchOptions): Promise<Surroundings> {
  const able = canRunSshd();
  if (!able.ok) throw new Failure(`npm run bench starts real sshd servers: ${able.reason}.`);
  const key = await makeUserKey('ed25519');
  const accounts = [{ name: ACCOUNT, authorizedKeys: [key.publicKey] }];
  const config = 'MaxSessions 1000\nMaxStartups 2000:1:2000';
  const [target, jump] = await Promise.all([startSshd({ accounts, config }), startSshd({ accounts, config })]);
  const stack = options.home === undefined ? await startStack(options) : undefined;
  const home = options.home ?? stack?.home ?? '';
  const local = JSON.parse(readFileSync(join(home, 'local.json'), 'utf8')) as LocalFile;
  const user = await registerTarget(home, local, target, ACCOUNT, key);
  const keys = { account: key.privateKeyFile, user: local.users.alice.privateKeyFile };
  const ends = { target, jump, sallyport: { port: local.ssh.port, user }, keys, account: ACCOUNT };
  return {
    ways: waysTo(ends, options.cipher),
    target,
    jump,
    sessionPids: sessionProcesses(local.ssh.port),
    stop: async () => {
      await stack?.process.stop({ graceMs: 60_000 });
      await Promise.all([target.stop(), jump.stop()]);
    },
  };
}

async function startStack(options: BenchOptions): Promise<{ home: string; process: ServerProcess }> {
  const home = tempDir(0o755); // PostgreSQL's own account has to reach its data
  if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true });
  const process_ = new ServerProcess(process.execPath, [join(root, 'tools/serve.mjs')], {
    cwd: root,
    env: {
      ...process.env,
      SALLYPORT_HOME: home,
      SALLYPORT_SSH_PORT: String(await freePort()),
      SALLYPORT_HTTP_PORT: String(await freePort()),
      SALLYPORT_PROFILE: options.profile,
    },
  });
  const ready = (): boolean => !process_.running || process_.lines.includes('sallyport is ready');
  await waitFor(ready, { what: 'Sallyport to be ready', timeoutMs: START_TIMEOUT_MS, everyMs: 100 });
  if (!process_.running) throw new Failure('Sallyport did not start.', { details: process_.tail() });
  return { home, process: process_ };
}
