import { JetStreamApiError, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { recordingParts, type RecordingPart } from '@sallyport/contracts';
import { chunkHeader, recordingStream, recordingSubject, type RecordingMessage } from './recording-stream.js';

export interface StreamedPart extends RecordingMessage {
  /** Its place in the stream. */
  readonly streamSequence: number;
}

/** Port: what the stream has of recordings. */
export abstract class RecordingReader {
  /** The next message of a recording behind a place in the stream, 0 for the first. */
  abstract next(sessionId: string, channel: number, after: number): Promise<StreamedPart | undefined>;
  /** Whether its session has said that it is over. */
  abstract hasEnded(sessionId: string, channel: number): Promise<boolean>;
  /** Takes a recording out of the stream, once it is in the store. Safe to repeat. */
  abstract remove(sessionId: string, channel: number): Promise<void>;
}

const noMessage = 404;

export class JetStreamRecordingReader extends RecordingReader {
  private manager: Promise<JetStreamManager> | undefined;
  /**
   * What is to be removed, and has the newest message of the stream: that one stays until there is another. An empty stream has its
   * place in memory alone (nats-server 2.9), and counts from 1 again after it was killed, below where its consumers are. Where a process ends with one that is kept, that message stays.
   */
  private readonly removed = new Set<string>();

  constructor(private readonly connection: NatsConnection) {
    super();
  }

  override next(sessionId: string, channel: number, after: number): Promise<StreamedPart | undefined> {
    return this.find(after + 1, `recording.*.*.${sessionId}.${channel}`);
  }

  override async hasEnded(sessionId: string, channel: number): Promise<boolean> {
    return (await this.find(1, recordingSubject({ sessionId, channel, part: 'end' }))) !== undefined;
  }

  private async find(seq: number, subject: string): Promise<StreamedPart | undefined> {
    const { direct } = await this.open();
    try {
      const message = await direct.getMessage(recordingStream, { seq, next_by_subj: subject });
      return message
        ? readRecordingMessage(message.subject, message.data, message.header.get(chunkHeader), message.seq)
        : undefined;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.status === noMessage) return undefined;
      throw error;
    }
  }

  override async remove(sessionId: string, channel: number): Promise<void> {
    const { streams } = await this.open();
    const { state } = await streams.info(recordingStream);
    if (state.messages === 0) return;
    this.removed.add(`${sessionId}.${channel}`);
    const newest = await this.find(state.last_seq, 'recording.>');
    for (const of of this.removed) {
      await streams.purge(recordingStream, { filter: `recording.*.*.${of}`, seq: state.last_seq });
      if (of !== `${newest?.sessionId}.${newest?.channel}`) this.removed.delete(of);
    }
  }

  /** Without a look at the account, which needs a right that the service has not. */
  private open(): Promise<JetStreamManager> {
    this.manager ??= jetstreamManager(this.connection, { checkAPI: false }).catch((error: unknown) => {
      this.manager = undefined;
      throw error;
    });
    return this.manager;
  }
}

/** @returns undefined for a message that is none of these */
export function readRecordingMessage(
  subject: string,
  data: Uint8Array,
  chunk: string | undefined,
  streamSequence: number,
): StreamedPart | undefined {
  const [, , part, sessionId = '', channel] = subject.split('.');
  if (!isPart(part)) return undefined;
  const number = chunk === undefined || chunk === '' ? undefined : Number(chunk);
  return {
    sessionId,
    channel: Number(channel),
    part,
    data,
    streamSequence,
    ...(number !== undefined && { chunk: number }),
  };
}

const isPart = (text: string | undefined): text is RecordingPart => recordingParts.some((part) => part === text);
