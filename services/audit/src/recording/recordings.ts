import type { RecordingBegin, RecordingKind, RecordingStatus } from '@sallyport/contracts';

/** One channel of one session. */
export interface Recording {
  readonly sessionId: string;
  readonly channel: number;
  readonly userId: string;
  readonly kind: RecordingKind;
  readonly status: RecordingStatus;
  readonly startedAt: Date;
  /** Set where it is in the store. */
  readonly stored?: StoredRecording;
}

export interface StoredRecording {
  readonly chunkCount: number;
  readonly sizeBytes: number;
  /** Of the asciicast, base64. */
  readonly sha256: string;
  readonly object: string;
}

/** Port: which recordings there are. */
export abstract class Recordings {
  /** Safe to repeat, also after the end. */
  abstract begin(begin: RecordingBegin): Promise<void>;
  abstract get(sessionId: string, channel: number): Promise<Recording | undefined>;
  /** Of a session, by channel. */
  abstract of(sessionId: string): Promise<Recording[]>;
  /** It is in the store. What is lost stays in the stream for a while: its session process may only have been cut off. */
  abstract stored(recording: Recording, status: 'complete' | 'lost', stored: StoredRecording): Promise<void>;
  /** Nothing was shown: there is no recording. */
  abstract remove(sessionId: string, channel: number): Promise<void>;
  /** Processes that have recordings which go on. */
  abstract replicas(): Promise<string[]>;
  abstract seen(replica: string): Promise<void>;
  /** Those that go on, and whose process has not been seen for so long. */
  abstract abandoned(unseenMs: number): Promise<Recording[]>;
  /** Those that have been in the store, in this status, for so long, and are still in the stream. */
  abstract storedFor(status: 'complete' | 'lost', ms: number): Promise<Recording[]>;
  abstract outOfStream(recording: Recording): Promise<void>;
}
