import { RecordingBegin, RecordingEnd } from '@sallyport/contracts';
import {
  consumeBatches,
  readRecordingMessage,
  recordingStream,
  type Connection,
  type StreamMessage,
} from '@sallyport/messaging';
import { recordingStoreConsumer } from '@sallyport/messaging/deployment';
import type { Logger } from '@sallyport/telemetry';
import type { AssembleRecording } from './assemble-recording.js';
import type { Recordings } from './recordings.js';

/** Few at a time: each may be a recording to read and store. */
const maxMessages = 32;

/** Follows what begins and ends in the stream of recordings for as long as the process lives. Nest calls its hooks. */
export class RecordingConsumer {
  private readonly stop = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly connection: Connection,
    private readonly recordings: Recordings,
    private readonly assemble: AssembleRecording,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.running = consumeBatches({
      connection: this.connection.nats,
      stream: recordingStream,
      durable: recordingStoreConsumer,
      maxMessages,
      handle: async (messages) => {
        for (const message of messages) await this.handle(message);
      },
      signal: this.stop.signal,
      log: this.log,
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  private async handle({ subject, data, streamSequence }: StreamMessage): Promise<void> {
    const message = readRecordingMessage(subject, data, undefined, streamSequence);
    if (message?.part === 'begin') {
      const begin = parse(RecordingBegin, data);
      // What it says of itself must be what its subject says.
      if (begin?.sessionId === message.sessionId && begin.channel === message.channel) {
        await this.recordings.begin(begin);
        return;
      }
    } else if (message?.part === 'end') {
      const end = parse(RecordingEnd, data);
      if (end) {
        await this.assemble.ended(message.sessionId, message.channel, end);
        return;
      }
    }
    this.log.error({ subject, streamSequence }, 'a message of the stream of recordings cannot be understood');
  }
}

function parse<T>(schema: { safeParse(value: unknown): { data?: T | undefined } }, data: Uint8Array): T | undefined {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(data).toString())).data;
  } catch {
    return undefined;
  }
}
