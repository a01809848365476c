import { jetstream, type JetStreamClient } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import type { RecordingPart } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';

/** The JetStream stream that holds recordings until `audit` has them in its store. */
export const recordingStream = 'RECORDINGS';
/** In a header: which chunk it is, from 0. */
export const chunkHeader = 'Sallyport-Chunk';

const ackTimeoutMs = 2_000;

/** One message of a recording, of one channel of one session. */
export interface RecordingMessage {
  readonly sessionId: string;
  readonly channel: number;
  readonly part: RecordingPart;
  /** Of a chunk, from 0. */
  readonly chunk?: number;
  readonly data: Uint8Array;
}

/** What begins and ends apart from chunks, so that a consumer can have the one without the other. */
export const recordingSubject = ({ sessionId, channel, part }: Omit<RecordingMessage, 'data' | 'chunk'>): string =>
  `recording.${part === 'chunk' ? 'data' : 'control'}.${part}.${sessionId}.${channel}`;

/** Port: takes what is recorded. */
export abstract class RecordingStream {
  /**
   * Resolves when the stream has it on disk. The same again, within some minutes, is kept once.
   * @throws DomainError `audit.unavailable` (retryable): not acknowledged
   */
  abstract put(message: RecordingMessage): Promise<void>;
}

export class JetStreamRecordingStream extends RecordingStream {
  private readonly jetstream: JetStreamClient;

  constructor(connection: NatsConnection) {
    super();
    this.jetstream = jetstream(connection);
  }

  override async put(message: RecordingMessage): Promise<void> {
    const { sessionId, channel, part, chunk, data } = message;
    const carried = headers();
    if (chunk !== undefined) carried.set(chunkHeader, String(chunk));
    try {
      await this.jetstream.publish(recordingSubject(message), data, {
        msgID: `${sessionId}/${channel}/${part}/${chunk ?? 0}`,
        headers: carried,
        timeout: ackTimeoutMs,
        expect: { streamName: recordingStream },
      });
    } catch (cause) {
      throw new DomainError('audit.unavailable', 'this cannot be recorded now, so it is not done; try again', {
        retryable: true,
        cause,
      });
    }
  }
}
