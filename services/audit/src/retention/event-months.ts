/** A month of events, UTC, that is older than events are kept. */
export interface DueMonth {
  /** `YYYY-MM` */
  readonly month: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** Events are kept for so many months; the owner of the tables says so. */
  readonly retentionMonths: number;
  /** The log says already that these very events go. */
  readonly announced: boolean;
}

/** Port: the log's events by the month in which they were stored. What goes leaves its hashes and the checkpoints. */
export abstract class EventMonths {
  /** The oldest that may go, if any; never one with events whose hashes are not in complete tiles under a checkpoint. */
  abstract due(): Promise<DueMonth | undefined>;
  /** Removes its events. @throws Error the database refuses: it is not due, or not announced in the log */
  abstract drop(month: string): Promise<void>;
  /** The sequence from which on events are kept: 1 where nothing has gone. */
  abstract firstKept(): Promise<number>;
}
