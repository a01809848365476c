import { setTimeout as wait } from 'node:timers/promises';
import { ssh, sshInProcess } from '@sallyport/testing';
import type { LocalFile } from '../local-file.js';
import type { StormOptions } from './options.js';
import type { StormAccount } from './storm-target.js';

/** What came of one logon that ran `id -un`. */
export interface Logon {
  readonly kind: StormAccount['kind'];
  readonly tookMs: number;
  /** The user was told that it takes a while. */
  readonly told: boolean;
  /** What the client said when it did not work. */
  readonly failure?: string;
}

/** Starts logons at a fixed rate, whatever becomes of those before, by turns to each account; returns when all are over. */
export async function logOnOften(
  local: LocalFile,
  accounts: readonly StormAccount[],
  { rate, seconds, client }: Pick<StormOptions, 'rate' | 'seconds' | 'client'>,
): Promise<Logon[]> {
  const startedAt = performance.now();
  const logons: Promise<Logon>[] = [];
  for (let turn = 0; turn < rate * seconds; turn += 1) {
    await wait(Math.max(0, startedAt + (turn * 1_000) / rate - performance.now()));
    const account = accounts[turn % accounts.length];
    if (account) logons.push(logOn(local, account, client));
  }
  return Promise.all(logons);
}

export async function logOn(
  { ssh: bastion, users }: LocalFile,
  { kind, sshUser }: StormAccount,
  client: StormOptions['client'],
): Promise<Logon> {
  const startedAt = performance.now();
  const asked = {
    destination: `${sshUser}@${bastion.host}`,
    port: bastion.port,
    privateKeyFile: users.alice.privateKeyFile,
    command: 'id -un',
    timeoutMs: 60_000,
  };
  const { code, stdout, stderr } = await (client === 'ssh2'
    ? sshInProcess(asked)
    : ssh({ ...asked, args: ['-o', 'KexAlgorithms=curve25519-sha256'] }));
  const tookMs = performance.now() - startedAt;
  const told = stderr.includes('waiting…');
  const worked = code === 0 && sshUser.split('@')[1] === stdout.trim();
  return { kind, tookMs, told, ...(!worked && { failure: `exit code ${String(code)}: ${stderr.trim()}` }) };
}
