import type { Logger } from '@sallyport/telemetry';
import { senderLeaseMs, type SendEvents } from './send-events.js';
import type { Receivers } from './subscription.js';

const everyMs = 500;

/** Looks after all receivers for as long as the process lives: each that is due, and no other replica has. Nest calls its hooks. */
export class Sender {
  private readonly stop = new AbortController();
  private readonly running = new Map<string, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  /** @param sender the name of this replica */
  constructor(
    private readonly receivers: Receivers,
    private readonly sendEvents: SendEvents,
    private readonly sender: string,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setTimeout(() => {
      this.looking = this.look().finally(() => {
        if (!this.stop.signal.aborted) this.onApplicationBootstrap();
      });
    }, everyMs);
  }

  /** The events on their way arrive or fail; another replica goes on at once. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    clearTimeout(this.timer);
    await this.looking;
    await Promise.all(this.running.values());
    await this.receivers.release(this.sender).catch(() => undefined);
  }

  private async look(): Promise<void> {
    try {
      for (const receiver of await this.receivers.take(this.sender, senderLeaseMs)) {
        if (this.running.has(receiver.id)) continue;
        const work = this.sendEvents.run(receiver, this.stop.signal).catch((error: unknown) => {
          this.log.error({ receiver: receiver.id, err: error }, 'sending events failed');
        });
        this.running.set(
          receiver.id,
          work.finally(() => this.running.delete(receiver.id)),
        );
      }
    } catch (error) {
      this.log.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'receivers cannot be looked at');
    }
  }
}
