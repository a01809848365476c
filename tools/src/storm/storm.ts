import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListEventsRoute } from '@sallyport/contracts';
import { canRunSshd, RestClient, waitFor } from '@sallyport/testing';
import { Failure, say, step } from '../../progress.mjs';
import type { LocalFile } from '../local-file.js';
import { startStack } from '../start-stack.js';
import { EmulatedCloud } from './emulated-cloud.js';
import { logOn, logOnOften } from './log-on-often.js';
import type { Logon } from './log-on-often.js';
import { readStormOptions, usage } from './options.js';
import type { StormOptions } from './options.js';
import { describeStorm, readSshdLog } from './report.js';
import type { StormResults } from './report.js';
import { rotateOn } from './rotate-on.js';
import { startStormTarget } from './storm-target.js';
import type { StormTarget } from './storm-target.js';

/**
 * Logs on again and again while the secrets rotate, and counts what went wrong; exit code 2 when something did.
 * @throws Failure for what a person can put right
 */
export async function storm(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    say(usage);
    return;
  }
  const options = readStormOptions(args, process.env);
  const able = canRunSshd();
  if (!able.ok) throw new Failure(`npm run storm starts a real sshd server: ${able.reason}.`);
  const stack = options.home === undefined ? await step('starting a Sallyport', () => startStack()) : undefined;
  try {
    const home = options.home ?? stack?.home ?? '';
    const results = await stormAt(home, options);
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, undefined, 1)}\n`);
    say(describeStorm(results));
    if (results.failures.length + results.target.withoutLogon + (results.attempts['more'] ?? 0) > 0)
      process.exitCode = 2;
  } finally {
    await stack?.process.stop({ graceMs: 60_000 });
  }
}

async function stormAt(home: string, options: StormOptions): Promise<StormResults> {
  const local = JSON.parse(readFileSync(join(home, 'local.json'), 'utf8')) as LocalFile;
  const signIn = (name: 'admin' | 'auditor'): Promise<RestClient> =>
    new RestClient(local.api).signIn(local.users[name].username, local.users[name].password);
  const [admin, auditor] = await Promise.all([signIn('admin'), signIn('auditor')]);
  const cloud = new EmulatedCloud(home, local);
  const target = await step('preparing a target', () => startStormTarget(admin, cloud, local));
  try {
    await cloud.raiseQuotas();
    for (const account of target.accounts) {
      const { failure } = await logOn(local, account, 'ssh');
      if (failure !== undefined) throw new Failure('A logon before the storm failed.', { details: failure });
    }
    const calm = await readAttempts(auditor, target, target.accounts.length);
    const before = readSshdLog(target.sshd.log());
    await cloud.slowDown(options.slowMs);
    const { logons, rotations } = await step(`${options.seconds} s of storm`, () =>
      rageOn({ admin, cloud, local, target, options }),
    );
    await cloud.slowDown(0);
    const worked = logons.filter(({ failure }) => failure === undefined).length;
    const attempts = await readAttempts(auditor, target, calm.length + worked);
    const after = readSshdLog(target.sshd.log());
    return {
      options,
      openssh: target.openssh,
      logons: logons.length,
      failures: logons.flatMap(({ failure }) => failure ?? []),
      told: logons.filter(({ told }) => told).length,
      tookMs: logons.map(({ tookMs }) => Math.round(tookMs)).sort((a, b) => a - b),
      attempts: countAttempts(attempts.slice(0, attempts.length - calm.length)),
      rotations,
      target: {
        connections: after.connections - before.connections,
        logons: after.logons - before.logons,
        withoutLogon: after.connections - before.connections - (after.logons - before.logons),
        penalties: after.penalties - before.penalties,
      },
    };
  } finally {
    await cloud.slowDown(0);
    await cloud.rotateLike({ order: 'host-first', fail: null, gapMs: 0 });
    await target.sshd.stop();
  }
}

interface Raging {
  admin: RestClient;
  cloud: EmulatedCloud;
  local: LocalFile;
  target: StormTarget;
  options: StormOptions;
}

async function rageOn({ admin, cloud, local, target, options }: Raging) {
  const over = new AbortController();
  const secretNames = target.accounts.map(({ secretName }) => secretName);
  const rotating = rotateOn(admin, cloud, secretNames, options, over.signal);
  let logons: Logon[];
  try {
    // The rotations go on until the last logon has ended: after one that failed, only the next puts things right.
    logons = await Promise.race([logOnOften(local, target.accounts, options), never(rotating)]);
  } finally {
    over.abort();
  }
  return { logons, rotations: await rotating };
}

/** Rejects when the work does, and never resolves. */
async function never(work: Promise<unknown>): Promise<never> {
  await work;
  return new Promise(() => undefined);
}

/** Of each session at the target, newest first, how many values were offered to it; waits until there are so many. */
async function readAttempts(auditor: RestClient, { hostName }: StormTarget, count: number): Promise<number[]> {
  let found: number[] = [];
  await waitFor(
    async () => {
      found = [];
      let cursor: string | undefined;
      do {
        const query = { type: 'io.sallyport.session.opened.v1', order: 'desc', limit: 200, ...(cursor && { cursor }) };
        const page = await auditor.call(ListEventsRoute, { query });
        const ours = page.items.filter(({ data }) => data['hostName'] === hostName);
        found.push(...ours.map(({ data }) => Number(data['attempts'])));
        cursor = ours.length > 0 ? page.nextCursor : undefined;
      } while (cursor !== undefined);
      return found.length >= count;
    },
    { what: `${count} sessions on record`, timeoutMs: 120_000, everyMs: 1_000 },
  );
  return found;
}

function countAttempts(attempts: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of attempts) {
    const name = one > 3 ? 'more' : String(one);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
