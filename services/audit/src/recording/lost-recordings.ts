import { PingReplicaV1 } from '@sallyport/contracts';
import type { Bus, RecordingReader } from '@sallyport/messaging';
import type { Logger } from '@sallyport/telemetry';
import type { Recordings } from './recordings.js';
import type { StoreRecordings } from './store-recordings.js';

export interface LostRules {
  /** How often session processes are asked whether they live. */
  readonly everyMs: number;
  /** One that has not answered for so long is gone. */
  readonly unseenMs: number;
}
/** How long a recording stays in the stream when it is in the store: who watches sees its end, and who was cut off may end it. */
const keepMs = { complete: 4_000, lost: 60 * 60_000 };

/**
 * Finds the recordings that nobody will end, because their session process is gone, and takes out of the stream what has been in
 * the store for a while. Nest calls its hooks.
 */
export class LostRecordings {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly recordings: Recordings,
    private readonly store: StoreRecordings,
    private readonly reader: RecordingReader,
    private readonly bus: Bus,
    private readonly rules: LostRules,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setTimeout(() => {
      this.running = this.tick().finally(() => {
        if (this.timer) this.onApplicationBootstrap();
      });
    }, this.rules.everyMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.running;
  }

  private async tick(): Promise<void> {
    try {
      await Promise.all((await this.recordings.replicas()).map((replica) => this.ask(replica)));
      for (const { sessionId, channel } of await this.recordings.abandon(this.rules.unseenMs)) {
        this.log.warn({ sessionId, channel }, 'a session process is gone: its recording ends where it is');
        this.store.wake();
      }
      for (const status of ['complete', 'lost'] as const) await this.clear(status);
    } catch (error) {
      this.log.warn({ err: error }, 'lost recordings could not be looked for, trying again');
    }
  }

  private async clear(status: 'complete' | 'lost'): Promise<void> {
    for (const recording of await this.recordings.storedFor(status, keepMs[status])) {
      await this.reader.remove(recording.sessionId, recording.channel);
      await this.recordings.outOfStream(recording);
    }
  }

  private async ask(replica: string): Promise<void> {
    try {
      await this.bus.request(PingReplicaV1, {}, { replica });
    } catch {
      return;
    }
    await this.recordings.seen(replica);
  }
}
