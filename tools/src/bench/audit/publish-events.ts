import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { MadeEvent } from './made-events.js';

/** On their way at once: what a few busy session services would have. */
const inFlight = 2_000;

/** Publishes all of them as fast as the stream acknowledges. @throws when one is not acknowledged */
export async function publishEvents(connection: NatsConnection, events: readonly MadeEvent[]): Promise<void> {
  const stream = jetstream(connection);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let event = events[next++]; event; event = events[next++])
      await stream.publish(event.subject, event.payload, { msgID: event.id, timeout: 30_000 });
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}
