import { RecordingBegin, RecordingEnd } from '@sallyport/contracts';
import {
  consumeBatches,
  readRecordingMessage,
  recordingStream,
  type Connection,
  type RecordingReader,
  type StreamedPart,
  type StreamMessage,
} from '@sallyport/messaging';
import { recordingStoreConsumer } from '@sallyport/messaging/deployment';
import type { Logger } from '@sallyport/telemetry';
import type { Recordings } from './recordings.js';
import type { StoreRecordings } from './store-recordings.js';

const maxMessages = 100;

/** Follows what begins and ends in the stream of recordings for as long as the process lives. Nest calls its hooks. */
export class RecordingConsumer {
  private readonly stop = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly connection: Connection,
    private readonly recordings: Recordings,
    private readonly reader: RecordingReader,
    private readonly store: StoreRecordings,
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
    if (message?.part === 'begin' && (await this.begun(message))) return;
    const end = message?.part === 'end' ? parse(RecordingEnd, data) : undefined;
    if (message && end) await this.ended(message, end);
    else this.log.error({ subject, streamSequence }, 'a message of the stream of recordings cannot be understood');
  }

  private async begun({ sessionId, channel, data }: StreamedPart): Promise<boolean> {
    const begin = parse(RecordingBegin, data);
    // What it says of itself must be what its subject says.
    if (begin?.sessionId !== sessionId || begin.channel !== channel) return false;
    await this.recordings.begin(begin);
    return true;
  }

  private async ended({ sessionId, channel }: StreamedPart, end: RecordingEnd): Promise<void> {
    if (end.chunks > 0 && (await this.isKnown(sessionId, channel))) {
      await this.recordings.ended(sessionId, channel, end);
      this.store.wake();
      return;
    }
    await this.reader.remove(sessionId, channel);
    await this.recordings.remove(sessionId, channel);
  }

  /** Another replica may have its beginning, and not have come to it yet. */
  private async isKnown(sessionId: string, channel: number): Promise<boolean> {
    if (await this.recordings.get(sessionId, channel)) return true;
    const first = await this.reader.next(sessionId, channel, 0);
    return first?.part === 'begin' && (await this.begun(first));
  }
}

function parse<T>(schema: { safeParse(value: unknown): { data?: T | undefined } }, data: Uint8Array): T | undefined {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(data).toString())).data;
  } catch {
    return undefined;
  }
}
