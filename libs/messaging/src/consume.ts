import { jetstream, type Consumer, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from '@sallyport/telemetry';

/** One message of a stream. */
export interface StreamMessage {
  readonly data: Uint8Array;
  readonly subject: string;
  /** Its place in the stream. */
  readonly streamSequence: number;
  /** `Nats-Msg-Id` */
  readonly id: string | undefined;
  readonly redelivered: boolean;
}

const returnDelayMs = 500;

/**
 * Hands the messages of a durable consumer on in batches, for ever, until `signal` aborts. A batch is acknowledged after
 * `handle` resolved; when it rejects, or the process dies, the messages come again. So `handle` must be idempotent.
 * The consumer itself is made by the deployment.
 */
export async function consumeBatches(options: {
  connection: NatsConnection;
  stream: string;
  durable: string;
  maxMessages: number;
  /** Batches that are handled at once, one unless told: `handle` is called in their order, and may not have resolved for the last. */
  atOnce?: number;
  handle: (messages: readonly StreamMessage[]) => Promise<void>;
  signal: AbortSignal;
  log: Logger;
}): Promise<void> {
  const { signal, log, atOnce = 1 } = options;
  const inHand = new Set<Promise<void>>();
  let consumer: Consumer | undefined;
  const failures: Error[] = [];
  const take = (batch: readonly JsMsg[]): void => {
    const handled = handleOrReturn(batch, options.handle)
      .catch((error: unknown) => {
        failures.push(error instanceof Error ? error : new Error('unknown', { cause: error }));
      })
      .finally(() => inHand.delete(handled));
    inHand.add(handled);
  };
  while (!signal.aborted) {
    try {
      consumer ??= await jetstream(options.connection).consumers.get(options.stream, options.durable);
      const batch = await nextBatch(consumer, options.maxMessages);
      if (batch.length > 0) take(batch);
      if (inHand.size >= atOnce) await Promise.race(inHand);
      const failure = failures.pop();
      if (failure) throw failure;
    } catch (error) {
      consumer = undefined;
      log.warn(
        { stream: options.stream, reason: error instanceof Error ? error.message : 'unknown' },
        'consuming failed, trying again',
      );
      await pause(500, signal);
    }
  }
  await Promise.all(inHand);
}

/** Acknowledges a batch, or gives one that failed back to the server at once, so that it comes again soon. */
async function handleOrReturn(
  batch: readonly JsMsg[],
  handle: (messages: readonly StreamMessage[]) => Promise<void>,
): Promise<void> {
  try {
    await handle(batch.map(toStreamMessage));
    // One by one without waiting: an acknowledgement that is lost only brings the message again.
    for (const message of batch) message.ack();
  } catch (error) {
    for (const message of batch) message.nak(returnDelayMs);
    throw error;
  }
}

/** What is there, up to the limit; waits for the first message up to a second. */
async function nextBatch(consumer: Consumer, maxMessages: number): Promise<JsMsg[]> {
  const first = await consumer.next({ expires: 1_000 });
  if (!first) return [];
  const batch = [first];
  if (first.info.pending > 0 && maxMessages > 1) {
    const wanted = Math.min(first.info.pending, maxMessages - 1);
    for await (const message of await consumer.fetch({ max_messages: wanted, expires: 1_000 })) batch.push(message);
  }
  return batch;
}

function toStreamMessage(message: JsMsg): StreamMessage {
  return {
    data: message.data,
    subject: message.subject,
    streamSequence: message.seq,
    id: message.headers?.get('Nats-Msg-Id') ?? undefined,
    redelivered: message.redelivered,
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
