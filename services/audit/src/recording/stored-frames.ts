import { CastError, FrameOpener, headBytes, maxFrameBytes, readHeader, SealedFileError } from '@sallyport/recording';
import type { RecordingStore } from './recording-store.js';

/** Where a recording is kept, and whose it has to be. */
export interface KeptRecording {
  readonly sessionId: string;
  readonly channel: number;
  readonly object: string;
}

/** One part of the asciicast: some whole chunks. */
export interface StoredFrame {
  readonly text: Buffer;
  /** Where the next one is; none after the last. */
  readonly next: number | undefined;
}

/**
 * Reads a recording in the store. Its encryption holds the parts of a file together, and not the file to its name: that is what
 * the header is compared for, in the first part.
 */
export class StoredFrames {
  private constructor(
    private readonly store: RecordingStore,
    private readonly of: KeptRecording,
    private readonly opener: FrameOpener,
  ) {}

  /** @throws SealedFileError */
  static async open(store: RecordingStore, key: Buffer, of: KeptRecording): Promise<StoredFrames> {
    const head = await store.read(of.object, 0, headBytes);
    if (head.length === 0) throw new SealedFileError('the store has nothing of this recording: it was deleted');
    return new StoredFrames(store, of, new FrameOpener(key, head));
  }

  /**
   * @param frame its number, from 0
   * @param offset where it is
   * @throws SealedFileError what is there was changed, or is another recording
   */
  async read(frame: number, offset: number): Promise<StoredFrame> {
    const { object } = this.of;
    const prefix = await this.store.read(object, offset, 4);
    if (prefix.length < 4) throw new SealedFileError('the recording is not there whole');
    const length = prefix.readUInt32BE();
    if (length > maxFrameBytes) throw new SealedFileError(`part ${frame + 1} of the recording has no such length`);
    const { text, last } = this.opener.open(frame, await this.store.read(object, offset + 4, length));
    if (frame === 0) this.compare(text);
    return { text, next: last ? undefined : offset + 4 + length };
  }

  private compare(text: Buffer): void {
    const { sessionId, channel } = this.of;
    const of = headerOf(text);
    if (of?.sessionId === sessionId && of.channel === channel) return;
    throw new SealedFileError('in its place stands the recording of another channel or session');
  }
}

function headerOf(text: Buffer): { sessionId: string; channel: number } | undefined {
  const end = text.indexOf('\n');
  try {
    return readHeader(text.subarray(0, Math.max(end, 0)).toString()).sallyport;
  } catch (error) {
    if (error instanceof CastError) return undefined;
    throw error;
  }
}
