/**
 * Port: one change of the database, all or nothing. What use cases do with other ports inside of `work` belongs to it.
 *
 * An act that must be recorded publishes its audit event as the last thing in `work`. No record, no act: when the event
 * is not acknowledged, the change is rolled back. The other way round, a commit that fails after the event leaves a
 * record of something that did not happen: that is the side to err on, and the log of the service has the failure.
 */
export abstract class Transaction {
  /** Commits when `work` returns, rolls back when it throws. Inside of another one it joins that. */
  abstract run<T>(work: () => Promise<T>): Promise<T>;
}
