import type { RecordingBegin, RecordingEnd, RecordingKind, RecordingStatus } from '@sallyport/contracts';

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

/** One that is over. */
export interface RecordingToStore extends Recording {
  /** What its session said; none where the session process is gone. */
  readonly end?: RecordingEnd;
}

/** Port: which recordings there are, and which of them wait for the store. */
export abstract class Recordings {
  /** Safe to repeat, also after the end. */
  abstract begin(begin: RecordingBegin): Promise<void>;
  abstract get(sessionId: string, channel: number): Promise<Recording | undefined>;
  /** Of a session, by channel. */
  abstract of(sessionId: string): Promise<Recording[]>;
  /** Its session has ended it: it waits for the store. Safe to repeat, also when it is there. */
  abstract ended(sessionId: string, channel: number, end: RecordingEnd): Promise<void>;
  /**
   * Those that go on, and whose process has not been seen for so long, or whose session has been over for so long, wait for the
   * store as well; these are told.
   */
  abstract abandon(unseenMs: number): Promise<Recording[]>;
  /** The one that has waited longest, for the caller alone for so long. */
  abstract nextToStore(leaseMs: number): Promise<RecordingToStore | undefined>;
  /** Nobody else takes it for so long. */
  abstract postpone(recording: Recording, ms: number): Promise<void>;
  /** It is in the store. Changes nothing if it was ended meanwhile: then it waits to be stored as that. */
  abstract stored(recording: RecordingToStore, status: 'complete' | 'lost', stored: StoredRecording): Promise<void>;
  /** Nothing was shown: there is no recording. */
  abstract remove(sessionId: string, channel: number): Promise<void>;
  /** Processes that have recordings which go on. */
  abstract replicas(): Promise<string[]>;
  abstract seen(replica: string): Promise<void>;
  /**
   * Those that have been in the store, in this status, for so long, and are still in the stream. What is lost stays there for a
   * while: its session process may only have been cut off.
   */
  abstract storedFor(status: 'complete' | 'lost', ms: number): Promise<Recording[]>;
  abstract outOfStream(recording: Recording): Promise<void>;
}
