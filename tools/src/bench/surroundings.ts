import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canRunSshd, ensureRsync, makeUserKey, startBareRelay, startSshd } from '@sallyport/testing';
import type { SshdHost } from '@sallyport/testing';
import { Failure } from '../../progress.mjs';
import type { LocalFile } from '../local-file.js';
import { startStack } from '../start-stack.js';
import type { BenchOptions } from './options.js';
import { registerTarget } from './register-target.js';
import { sessionProcesses } from './session-processes.js';
import { stackEnvironment } from './stack-environment.js';
import { waysTo } from './ways.js';
import type { Way } from './ways.js';

/** All that a measurement needs, running. */
export interface Surroundings {
  readonly ways: readonly Way[];
  readonly target: SshdHost;
  readonly jump: SshdHost;
  /** Where Sallyport's door is, on loopback. */
  readonly sallyportPort: number;
  /** Process id of the bare relay, where there is one. */
  readonly barePid: number | undefined;
  /** Process ids of the session service. */
  readonly sessionPids: readonly number[];
  stop(): Promise<void>;
}

const ACCOUNT = 'bench';

/** Two sshd, a Sallyport, and a target that it knows. @throws Failure where this machine lets us start no sshd */
export async function startSurroundings(options: BenchOptions): Promise<Surroundings> {
  const able = canRunSshd();
  if (!able.ok) throw new Failure(`npm run bench starts real sshd servers: ${able.reason}.`);
  const key = await makeUserKey('ed25519');
  const accounts = [{ name: ACCOUNT, authorizedKeys: [key.publicKey] }];
  const config = 'MaxSessions 1000\nMaxStartups 2000:1:2000';
  const addToUsr = options.parts.includes('files') ? (await ensureRsync()).addToUsr : undefined;
  const [target, jump] = await Promise.all([
    startSshd({ accounts, config, ...(addToUsr !== undefined && { addToUsr }) }),
    startSshd({ accounts, config }),
  ]);
  if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true });
  const stack = options.home === undefined ? await startStack(stackEnvironment(options)) : undefined;
  const home = options.home ?? stack?.home ?? '';
  const local = JSON.parse(readFileSync(join(home, 'local.json'), 'utf8')) as LocalFile;
  const bare = options.bare
    ? await startBareRelay({ target, account: ACCOUNT, privateKeyFile: key.privateKeyFile, cipher: options.cipher })
    : undefined;
  const user = await registerTarget(home, local, target, ACCOUNT, key);
  const keys = { account: key.privateKeyFile, user: local.users.alice.privateKeyFile };
  const ends = { target, jump, bare: bare?.port, sallyport: { port: local.ssh.port, user }, keys, account: ACCOUNT };
  return {
    ways: waysTo(ends, options.cipher),
    target,
    jump,
    sallyportPort: local.ssh.port,
    barePid: bare?.process.pid,
    sessionPids: sessionProcesses(local.ssh.port),
    stop: async () => {
      await stack?.process.stop({ graceMs: 60_000 });
      await Promise.all([target.stop(), jump.stop(), bare?.stop()]);
    },
  };
}
