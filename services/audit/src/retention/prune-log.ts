import { AuditLogPruned } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Logger } from '@sallyport/telemetry';
import { Recurring } from '../recurring.js';
import type { EventMonths } from './event-months.js';

/** A month is announced, and goes once the log has the announcement. */
const soonMs = 1_000;
const seldomMs = 10 * 60_000;

/**
 * Lets go of months of events that are older than the owner of the tables wants them kept: by default none ever is. No record,
 * no act: the event `audit-log.pruned` is in the log before, and the database looks for it.
 */
export class PruneLog extends Recurring {
  constructor(
    private readonly months: EventMonths,
    private readonly audit: AuditPublisher,
    private readonly log: Logger,
  ) {
    super(soonMs);
  }

  protected override async turn(): Promise<number> {
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
