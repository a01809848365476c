import { createHash, randomBytes } from 'node:crypto';
import { RecordingStored, SessionId, UserId } from '@sallyport/contracts';
import type { AuditPublisher, RecordingReader } from '@sallyport/messaging';
import { eventLine, FrameSealer, hashChunk, readEvent, type ChunkHash } from '@sallyport/recording';
import type { Logger } from '@sallyport/telemetry';
import type { RecordingStore, RecordingWriting } from './recording-store.js';
import type { Recording, Recordings, RecordingToStore, StoredRecording } from './recordings.js';

/** A frame is of whole chunks, and of about this much text. */
const frameBytes = 256 * 1024;
/** Hashes that the session may not have put into the log before it died, see its recorder. */
const maxUntold = 64;
export const lostMarker = 'lost: its recording ended here';

interface Assembled {
  readonly stored: StoredRecording;
  readonly storedBytes: number;
  /** Of the last chunks. */
  readonly lastHashes: readonly ChunkHash[];
}

/** Takes a recording from the stream into the store, encrypted. */
export class AssembleRecording {
  constructor(
    private readonly recordings: Recordings,
    private readonly reader: RecordingReader,
    private readonly store: RecordingStore,
    private readonly audit: AuditPublisher,
    private readonly key: Buffer,
    private readonly log: Logger,
  ) {}

  /**
   * Resolves when it is in the store, and that is on record. It stays in the stream: for a moment, for those who watch; longer where
   * nobody ended it, in case that was wrong. What was lost before it showed anything is no recording. Safe to repeat.
   */
  async run(recording: RecordingToStore): Promise<void> {
    const { sessionId, channel, end } = recording;
    // Its process was silent, and had ended it: the consumer brings that, and it is taken up again as what it is.
    if (!end && (await this.reader.hasEnded(sessionId, channel))) return;
    if (!end && (await this.isEmpty(sessionId, channel))) {
      await this.reader.remove(sessionId, channel);
      await this.recordings.remove(sessionId, channel);
      return;
    }
    // Nothing takes the place of what is there: the storage may forbid it (retention), and what was lost may have ended after all.
    const object = `${sessionId}/${channel}-${randomBytes(4).toString('hex')}.cast.sealed`;
    const writing = await this.store.create(object);
    let assembled: Assembled;
    try {
      assembled = await this.write(recording, writing, object, end === undefined);
      await writing.commit();
    } catch (error) {
      await writing.abort().catch(() => undefined);
      throw error;
    }
    const { stored } = assembled;
    const whole = end?.chunks === stored.chunkCount && end.sha256 === stored.sha256;
    if (end && !whole)
      this.log.error({ ...stored, ended: end }, 'a recording is not what its session says that it recorded');
    const status = whole ? 'complete' : 'lost';
    await this.tell(recording, status, assembled);
    await this.recordings.stored(recording, status, stored);
  }

  private async write(
    { sessionId, channel }: Recording,
    writing: RecordingWriting,
    object: string,
    lost: boolean,
  ): Promise<Assembled> {
    const sealer = new FrameSealer(this.key);
    const sha256 = createHash('sha256');
    const lastHashes: ChunkHash[] = [];
    let [chunkCount, sizeBytes, storedBytes] = [0, 0, sealer.head.length];
    let frame: Buffer[] = [];
    let last: Buffer | undefined;
    const flush = async (isLast: boolean): Promise<void> => {
      const sealed = sealer.seal(Buffer.concat(frame), isLast);
      frame = [];
      storedBytes += sealed.length;
      await writing.write(sealed);
    };
    const add = async (chunk: Buffer): Promise<void> => {
      const waiting = frame.reduce((sum, part) => sum + part.length, 0);
      if (frame.length > 0 && waiting + chunk.length > frameBytes) await flush(false);
      frame.push(chunk);
      sha256.update(chunk);
      lastHashes.push(hashChunk(chunk));
      if (lastHashes.length > maxUntold) lastHashes.shift();
      chunkCount += 1;
      sizeBytes += chunk.length;
      last = chunk;
    };
    await writing.write(sealer.head);
    for await (const chunk of this.chunks(sessionId, channel)) await add(chunk);
    if (lost) await add(Buffer.from(eventLine(lastMs(last), 'm', lostMarker)));
    await flush(true);
    return {
      stored: { chunkCount, sizeBytes, sha256: sha256.digest('base64'), object },
      storedBytes,
      lastHashes,
    };
  }

  private async isEmpty(sessionId: string, channel: number): Promise<boolean> {
    for await (const _ of this.chunks(sessionId, channel)) return false;
    return true;
  }

  /** In their order, each once. */
  private async *chunks(sessionId: string, channel: number): AsyncGenerator<Buffer> {
    let expected = 0;
    for (let after = 0; ;) {
      const message = await this.reader.next(sessionId, channel, after);
      if (!message) return;
      after = message.streamSequence;
      if (message.part !== 'chunk' || (message.chunk ?? 0) < expected) continue;
      expected = (message.chunk ?? 0) + 1;
      yield Buffer.from(message.data);
    }
  }

  private async tell(
    { sessionId, userId, channel, kind }: Recording,
    status: 'complete' | 'lost',
    { stored, storedBytes, lastHashes }: Assembled,
  ): Promise<void> {
    const { chunkCount, sizeBytes, sha256, object } = stored;
    const untold = { firstChunk: chunkCount - lastHashes.length, chunks: [...lastHashes] };
    await this.audit.publish(RecordingStored, {
      sessionId: SessionId.parse(sessionId),
      userId: UserId.parse(userId),
      ...{ channel, kind, status, chunkCount, sizeBytes, sha256, storedBytes, object },
      ...(status === 'lost' && untold),
    });
  }
}

/** Time of the last event of a chunk. */
function lastMs(chunk: Buffer | undefined): number {
  const line = chunk?.toString().trimEnd().split('\n').at(-1) ?? '';
  try {
    return (readEvent(line)?.seconds ?? 0) * 1_000;
  } catch {
    // The header alone.
    return 0;
  }
}
