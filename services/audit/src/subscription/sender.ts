import type { Logger } from '@sallyport/telemetry';
import { Recurring } from '../recurring.js';
import { senderLeaseMs, type SendEvents } from './send-events.js';
import type { Receivers } from './subscription.js';

const everyMs = 500;

/** Looks after all receivers for as long as the process lives: each that is due, and no other replica has. */
export class Sender extends Recurring {
  private readonly sending = new Map<string, Promise<void>>();

  /** @param sender the name of this replica */
  constructor(
    private readonly receivers: Receivers,
    private readonly sendEvents: SendEvents,
    private readonly sender: string,
    private readonly log: Logger,
  ) {
    super(everyMs);
  }

  /** The events on their way arrive or fail; another replica goes on at once. */
  override async beforeApplicationShutdown(): Promise<void> {
    await super.beforeApplicationShutdown();
    await Promise.all(this.sending.values());
    await this.receivers.release(this.sender).catch(() => undefined);
  }

  protected override async turn(over: AbortSignal): Promise<number> {
    try {
      for (const receiver of await this.receivers.take(this.sender, senderLeaseMs)) {
        if (this.sending.has(receiver.id)) continue;
        const work = this.sendEvents.run(receiver, over).catch((error: unknown) => {
          this.log.error({ receiver: receiver.id, err: error }, 'sending events failed');
        });
        this.sending.set(
          receiver.id,
          work.finally(() => this.sending.delete(receiver.id)),
        );
      }
    } catch (error) {
      this.log.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'receivers cannot be looked at');
    }
    return everyMs;
  }
}
