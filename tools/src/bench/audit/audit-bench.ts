import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ListEventsRoute, ListSessionsRoute, ProveEventRoute, ShowCheckpointRoute } from '@sallyport/contracts';
import { inboxPrefix } from '@sallyport/messaging';
import { connectWithSeed } from '@sallyport/messaging/deployment';
import { RestClient } from '@sallyport/testing';
import { say, step } from '../../../progress.mjs';
import type { LocalFile } from '../../local-file.js';
import { startStack } from '../../start-stack.js';
import { quantile } from '../statistics.js';
import { fillLog, madeSession, madeUser } from './fill-log.js';
import { makeEvents } from './made-events.js';
import { readAuditOptions } from './options.js';
import { publishEvents } from './publish-events.js';

/** The newest checkpoint leaves out up to this many events, until the clock signs it. */
const uncovered = 1_000;

/**
 * What the log takes a second, from the first publication to a checkpoint that covers it, and how fast it answers by REST.
 * @throws Failure for what a person can put right
 */
export async function auditBench(args: readonly string[]): Promise<void> {
  const options = readAuditOptions(args);
  const stack = await step('starting a Sallyport', () => startStack());
  try {
    const local = JSON.parse(readFileSync(join(stack.home, 'local.json'), 'utf8')) as LocalFile;
    const { username, password } = local.users.auditor;
    const auditor = await new RestClient(local.api).signIn(username, password);
    const take = () => measureIntake(stack.home, local, auditor, options.published);
    say(`taken in, published to proven: ${rate(await step(`publishing ${options.published} events`, take))}`);
    await fill(stack.home, auditor, options.events);
    for (const [name, ask] of questions(auditor, options.events)) {
      const times = await step(name, () => timed(ask, options.questions));
      say(`${name}: p50 ${quantile(times, 0.5).toFixed(1)} ms, p95 ${quantile(times, 0.95).toFixed(1)} ms`);
    }
    say(`taken in by the log of ${options.events}: ${rate(await step('publishing again', take))}`);
  } finally {
    await step('stopping', () => stack.process.stop({ graceMs: 60_000 }));
  }
}

const rate = (perSecond: number): string => `${Math.round(perSecond)} events/s`;
const sizeOf = async (auditor: RestClient): Promise<number> => (await auditor.call(ShowCheckpointRoute)).size;

/** @returns events a second */
async function measureIntake(home: string, local: LocalFile, auditor: RestClient, count: number): Promise<number> {
  const seed = readFileSync(join(home, 'secrets/nats-session.seed'), 'utf8');
  const connection = await connectWithSeed(local.nats.url, seed, { inboxPrefix: inboxPrefix('session') });
  try {
    const events = makeEvents(count);
    const before = await sizeOf(auditor);
    const started = performance.now();
    const published = publishEvents(connection, events);
    let size = before;
    while (size < before + count - uncovered) {
      await pause(50);
      size = await sizeOf(auditor);
    }
    const seconds = (performance.now() - started) / 1_000;
    await published;
    return (size - before) / seconds;
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
