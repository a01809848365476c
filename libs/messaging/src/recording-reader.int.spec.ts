import { randomUUID } from 'node:crypto';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { SessionId } from '@sallyport/contracts';
import { startNats } from '@sallyport/testing';
import type { NatsServer } from '@sallyport/testing';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordingStoreConsumer } from './deployment/permissions.js';
import { setUpStreams } from './deployment/set-up-streams.js';
import { JetStreamRecordingReader } from './recording-reader.js';
import { JetStreamRecordingStream, recordingStream } from './recording-stream.js';

let nats: NatsServer;
beforeAll(async () => {
  nats = await startNats();
});
afterAll(() => nats.stop());

it('F5: a stream that all was taken out of still gives its consumer what comes, also when nats-server was killed', async () => {
  const before = await connect({ servers: nats.url });
  await setUpStreams(before);
  const [first, second] = [SessionId.parse(randomUUID()), SessionId.parse(randomUUID())];
  await record(before, first);
  await expectNext(before, [first, first]);
  await new JetStreamRecordingReader(before).remove(first, 0);
  await before.close();
  await nats.kill();
  await nats.restart();

  const after = await connect({ servers: nats.url });
  await record(after, second);
  // What was acknowledged just before may come again: nats-server writes that down a little later.
  await expectNext(after, [second, second], { again: first });
  const reader = new JetStreamRecordingReader(after);
  for (const session of [first, second]) await reader.remove(session, 0);
  expect(await reader.next(first, 0, 0)).toBeUndefined();
  // The newest message keeps the place of the stream.
  const { state } = await (await jetstreamManager(after)).streams.info(recordingStream);
  expect([state.messages, state.last_seq]).toEqual([1, 6]);
  await after.close();
});

type Connection = Awaited<ReturnType<typeof connect>>;

async function record(connection: Connection, sessionId: SessionId): Promise<void> {
  const stream = new JetStreamRecordingStream(connection);
  const of = { sessionId, channel: 0, data: Buffer.from('{}') };
  await stream.put({ ...of, part: 'begin' });
  await stream.put({ ...of, part: 'chunk', chunk: 0 });
  await stream.put({ ...of, part: 'end' });
}

async function expectNext(
  connection: Connection,
  sessions: readonly SessionId[],
  { again }: { again?: SessionId } = {},
): Promise<void> {
  const consumer = await jetstream(connection).consumers.get(recordingStream, recordingStoreConsumer);
  const next = async (): Promise<string | undefined> => {
    const message = await consumer.next({ expires: 30_000 });
    await message?.ackAck();
    return message?.subject.split('.')[3];
  };
  for (const session of sessions) {
    let came = await next();
    while (came !== undefined && came === again) came = await next();
    expect(came).toBe(session);
  }
}
