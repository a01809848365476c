import type { RecordingReader } from '@sallyport/messaging';
import type { Logger } from '@sallyport/telemetry';
import type { KeptByReplicas } from '../replica/watch-replicas.js';
import type { Recordings } from './recordings.js';
import type { StoreRecordings } from './store-recordings.js';

/** How long a recording stays in the stream when it is in the store: who watches sees its end, and who was cut off may end it. */
const keepMs = { complete: 4_000, lost: 60 * 60_000 };

/**
 * Stores the recordings that nobody will end, because their session process is gone or could record them no longer, and takes out
 * of the stream what has been in the store for a while.
 */
export class LostRecordings implements KeptByReplicas {
  constructor(
    private readonly recordings: Recordings,
    private readonly store: StoreRecordings,
    private readonly reader: RecordingReader,
    /** A session process that has not answered for so long is gone. */
    private readonly unseenMs: number,
    private readonly log: Logger,
  ) {}

  replicas(): Promise<string[]> {
    return this.recordings.replicas();
  }

  seen(replica: string): Promise<void> {
    return this.recordings.seen(replica);
  }

  async endAbandoned(): Promise<void> {
    for (const { sessionId, channel } of await this.recordings.abandon(this.unseenMs)) {
      this.log.warn({ sessionId, channel }, 'nobody will end this recording: it ends where it is');
      this.store.wake();
    }
    for (const status of ['complete', 'lost'] as const) await this.clear(status);
  }

  private async clear(status: 'complete' | 'lost'): Promise<void> {
    for (const recording of await this.recordings.storedFor(status, keepMs[status])) {
      await this.reader.remove(recording.sessionId, recording.channel);
      await this.recordings.outOfStream(recording);
    }
  }
}
