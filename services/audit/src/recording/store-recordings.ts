import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { counter, type Logger } from '@sallyport/telemetry';
import type { AssembleRecording } from './assemble-recording.js';
import type { Recordings, RecordingToStore } from './recordings.js';

/** At once, each with a frame or a part of an upload in memory. */
const workers = 4;
/** How soon another replica takes up what a dead one was at. */
const leaseMs = 6_000;
const renewEveryMs = 2_000;
/** Others may have told of more, and what failed comes again. */
const lookEveryMs = 1_000;
const retryAfterMs = 3_000;
/** What is not stored by then is left to another. */
const shutdownMs = 5_000;

/**
 * Takes what is over into the store, several at a time, and tries again for as long as that fails: meanwhile a recording is in the
 * stream. Nest calls its hooks.
 */
export class StoreRecordings {
  private readonly failed = counter('sallyport.recording.store.failures', 'Attempts to store a recording that failed');
  private readonly stop = new AbortController();
  private readonly more = new EventEmitter().setMaxListeners(workers);
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly recordings: Recordings,
    private readonly assemble: AssembleRecording,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.running = Promise.all(Array.from({ length: workers }, () => this.work()));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await Promise.race([this.running, pause(shutdownMs, undefined, { ref: false })]);
  }

  /** There is one more. */
  wake(): void {
    this.more.emit('more');
  }

  private async work(): Promise<void> {
    while (!this.stop.signal.aborted) {
      const next = await this.recordings.nextToStore(leaseMs).catch((error: unknown) => {
        this.log.warn({ err: error }, 'recordings to store could not be looked for, trying again');
        return undefined;
      });
      if (next) await this.store(next);
      else await this.wait();
    }
  }

  private async store(recording: RecordingToStore): Promise<void> {
    const { sessionId, channel } = recording;
    const postpone = (ms: number) =>
      this.recordings.postpone(recording, ms).catch((error: unknown) => {
        this.log.warn({ err: error, sessionId, channel }, 'a recording to store could not be kept from others');
      });
    const renewing = setInterval(() => void postpone(leaseMs), renewEveryMs);
    try {
      await this.assemble.run(recording);
    } catch (error) {
      this.failed.add(1);
      this.log.error({ err: error, sessionId, channel }, 'a recording could not be stored, and waits in the stream');
      clearInterval(renewing);
      await postpone(retryAfterMs);
    } finally {
      clearInterval(renewing);
    }
  }

  private async wait(): Promise<void> {
    const signal = AbortSignal.any([this.stop.signal, AbortSignal.timeout(lookEveryMs)]);
    await once(this.more, 'more', { signal }).catch(() => undefined);
  }
}
