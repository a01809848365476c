import { jetstreamManager } from '@nats-io/jetstream';
import { auditStream } from '@sallyport/messaging';
import { connectWithSeed } from '@sallyport/messaging/deployment';
import { waitFor } from '@sallyport/testing';
import { queryAudit } from './places.js';
import { home, local } from './sallyport.js';
import { readState } from './start-sallyport.js';

/** What the server has taken: nobody may take anything out of this stream. */
export async function eventsTaken(): Promise<number> {
  const connection = await connectWithSeed(local.nats.url, readState(home, 'secrets', 'nats-operator.seed'));
  try {
    return (await (await jetstreamManager(connection)).streams.info(auditStream)).state.messages;
  } finally {
    await connection.close();
  }
}

/** What the log has, and what it keeps apart since it is no event. */
export async function eventsStored(): Promise<number> {
  const both = 'SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM malformed_message) AS n';
  return Number((await queryAudit(both))[0]?.['n']);
}

/** Count in equals count out. */
export const allAreStored = (): Promise<unknown> =>
  waitFor(async () => (await eventsStored()) === (await eventsTaken()), {
    what: 'all events to be stored',
    timeoutMs: 120_000,
  });
