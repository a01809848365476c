import { AuditLogPruned } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Logger } from '@sallyport/telemetry';
import type { EventMonths } from './event-months.js';

/** A month is announced, and goes once the log has the announcement. */
const soonMs = 1_000;
const seldomMs = 10 * 60_000;

/**
 * Lets go of months of events that are older than the owner of the tables wants them kept: by default none ever is. No record,
 * no act: the event `audit-log.pruned` is in the log before, and the database looks for it. Nest calls its hooks.
 */
export class PruneLog {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly months: EventMonths,
    private readonly audit: AuditPublisher,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.wait(soonMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.running;
  }

  private wait(ms: number): void {
    this.timer = setTimeout(() => {
      this.running = this.tick().then((nextMs) => {
        if (this.timer) this.wait(nextMs);
      });
    }, ms);
  }

  /** @returns after how long to look again */
  private async tick(): Promise<number> {
    try {
      const due = await this.months.due();
      if (!due) return seldomMs;
      const { announced, ...what } = due;
      if (announced) await this.months.drop(due.month);
      else await this.audit.publish(AuditLogPruned, what);
      this.log.info(what, announced ? 'a month of events is gone' : 'a month of events is about to go');
      return soonMs;
    } catch (error) {
      this.log.warn({ err: error }, 'old events could not be removed, trying again');
      return seldomMs;
    }
  }
}
