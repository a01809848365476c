import { setTimeout as wait } from 'node:timers/promises';
import { ssh } from '@sallyport/testing';
import type { LocalFile } from '../local-file.js';
import type { StormAccount } from './storm-target.js';

/** What came of one `ssh … id -un`. */
export interface Logon {
  readonly kind: StormAccount['kind'];
  readonly tookMs: number;
  /** The user was told that it takes a while. */
  readonly told: boolean;
  /** What `ssh` said when it did not work. */
  readonly failure?: string;
}

/** Starts logons at a fixed rate, whatever becomes of those before, by turns to each account; returns when all are over. */
export async function logOnOften(
  local: LocalFile,
  accounts: readonly StormAccount[],
  { rate, seconds }: { rate: number; seconds: number },
): Promise<Logon[]> {
  const startedAt = performance.now();
  const logons: Promise<Logon>[] = [];
  for (let turn = 0; turn < rate * seconds; turn += 1) {
    await wait(Math.max(0, startedAt + (turn * 1_000) / rate - performance.now()));
    const account = accounts[turn % accounts.length];
    if (account) logons.push(logOn(local, account));
  }
  return Promise.all(logons);
}

export async function logOn({ ssh: bastion, users }: LocalFile, { kind, sshUser }: StormAccount): Promise<Logon> {
  const startedAt = performance.now();
  const { code, stdout, stderr } = await ssh({
    destination: `${sshUser}@${bastion.host}`,
    port: bastion.port,
    privateKeyFile: users.alice.privateKeyFile,
    command: 'id -un',
    args: ['-o', 'KexAlgorithms=curve25519-sha256'],
    timeoutMs: 60_000,
  });
  const tookMs = performance.now() - startedAt;
  const told = stderr.includes('waiting…');
  const worked = code === 0 && sshUser.split('@')[1] === stdout.trim();
  return { kind, tookMs, told, ...(!worked && { failure: `exit code ${String(code)}: ${stderr.trim()}` }) };
}
