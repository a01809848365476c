import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ListEventsRoute, ListSessionsRoute, ProveEventRoute, ShowCheckpointRoute } from '@sallyport/contracts';
import { inboxPrefix } from '@sallyport/messaging';
import { connectWithSeed } from '@sallyport/messaging/deployment';
import { RestClient, waitFor } from '@sallyport/testing';
import { say, step } from '../../../progress.mjs';
import type { LocalFile } from '../../local-file.js';
import { startStack, type OwnStack } from '../../start-stack.js';
import { quantile } from '../statistics.js';
import { cpuByProgram, type Program } from './cpu-by-program.js';
import { fillLog, madeSession, madeUser } from './fill-log.js';
import { makeEvents, type MadeEvent } from './made-events.js';
import { readAuditOptions, usage } from './options.js';
import { publishEvents } from './publish-events.js';

/** The newest checkpoint leaves out up to this many events, until the clock signs it. */
const uncovered = 1_000;

/**
 * What the log takes a second, from the first publication to a checkpoint that covers it, and how fast it answers by REST.
 * @throws Failure for what a person can put right
 */
export async function auditBench(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    say(usage);
    return;
  }
  const options = readAuditOptions(args);
  const stack = await step('starting a Sallyport', () => startStack());
  try {
    const local = JSON.parse(readFileSync(join(stack.home, 'local.json'), 'utf8')) as LocalFile;
    const { username, password } = local.users.auditor;
    const auditor = await new RestClient(local.api).signIn(username, password);
    await waitFor(() => sizeOf(auditor).catch(() => 0), { what: 'the first checkpoint', timeoutMs: 30_000 });
    const intake = async (title: string): Promise<void> => {
      const events = makeEvents(options.published);
      const taken = await step(title, () => measureIntake({ ...stack, local, auditor }, events));
      say(`${title}: ${describe(taken)}`);
    };
    await intake('publishing to proven');
    await fill(stack.home, auditor, options.events);
    for (const [name, ask] of questions(auditor, options.events)) {
      const times = await step(name, () => timed(ask, options.questions));
      say(`${name}: p50 ${quantile(times, 0.5).toFixed(1)} ms, p95 ${quantile(times, 0.95).toFixed(1)} ms`);
    }
    await intake(`publishing to proven, ${options.events} in the log`);
  } finally {
    await step('stopping', () => stack.process.stop({ graceMs: 60_000 }));
  }
}

const sizeOf = async (auditor: RestClient): Promise<number> => (await auditor.call(ShowCheckpointRoute)).size;

interface Intake {
  readonly perSecond: number;
  /** Processor time of an event, where it goes. */
  readonly microseconds: Readonly<Record<Program, number>>;
}

function describe({ perSecond, microseconds }: Intake): string {
  const shares = Object.entries(microseconds).map(([program, time]) => `${program} ${time.toFixed(0)}`);
  return `${perSecond.toFixed(0)} events/s; µs of processor time an event: ${shares.join(', ')}`;
}

async function measureIntake(
  { home, local, auditor, process: stack }: OwnStack & { local: LocalFile; auditor: RestClient },
  events: readonly MadeEvent[],
): Promise<Intake> {
  const seed = readFileSync(join(home, 'secrets/nats-session.seed'), 'utf8');
  const connection = await connectWithSeed(local.nats.url, seed, { inboxPrefix: inboxPrefix('session') });
  try {
    const before = await sizeOf(auditor);
    const [started, used] = [performance.now(), cpuByProgram(stack.pid)];
    const published = publishEvents(connection, events);
    let size = before;
    while (size < before + events.length - uncovered) {
      await pause(50);
      size = await sizeOf(auditor);
    }
    const [taken, seconds] = [size - before, (performance.now() - started) / 1_000];
    const usedThen = cpuByProgram(stack.pid);
    await published;
    const spent = (name: Program): number => ((usedThen[name] - used[name]) * 1e6) / taken;
    const [audit, postgres, publisher] = [spent('audit'), spent('postgres'), spent('publisher')];
    return {
      perSecond: taken / seconds,
      microseconds: { audit, postgres, 'nats-server': spent('nats-server'), publisher },
    };
  } finally {
    await connection.close();
  }
}

async function fill(home: string, auditor: RestClient, count: number): Promise<void> {
  const ownerUrl = readFileSync(join(home, 'secrets/postgres-url-audit-owner'), 'utf8');
  const before = await sizeOf(auditor);
  await step(`filling the log with ${count} events`, () =>
    fillLog(ownerUrl, count, (rows) => {
      if (rows % 1_000_000 === 0) say(`${rows}`);
    }),
  );
  await step('growing the tree over them', async () => {
    while ((await sizeOf(auditor)) < before + count) await pause(500);
  });
}

function questions(auditor: RestClient, count: number): [name: string, ask: () => Promise<unknown>][] {
  const events = (query: Record<string, string>) => auditor.call(ListEventsRoute, { query });
  return [
    ['events of a session', () => events({ sessionId: madeSession(count) })],
    ['newest events of a user', () => events({ userId: madeUser(), order: 'desc' })],
    ['sessions of a user', () => auditor.call(ListSessionsRoute, { query: { userId: madeUser() } })],
    [
      'proof of an event',
      () => auditor.call(ProveEventRoute, { query: { sequence: 1 + Math.floor(Math.random() * count) } }),
    ],
  ];
}

/** @returns milliseconds, each */
async function timed(ask: () => Promise<unknown>, times: number): Promise<number[]> {
  const taken: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const asked = performance.now();
    await ask();
    taken.push(performance.now() - asked);
  }
  return taken;
}
