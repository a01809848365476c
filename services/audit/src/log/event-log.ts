import type { StoredEvent } from '@sallyport/contracts';
import type { Hash } from '@sallyport/transparency';
import type { AuditEvent, LoggedEvent } from './audit-event.js';

export interface EventFilter {
  /** The whole type, or a beginning that ends in `.`. */
  readonly type?: string | undefined;
  readonly subject?: string | undefined;
  readonly sessionId?: string | undefined;
  /** About this user, or done by this user. */
  readonly userId?: string | undefined;
  readonly hostId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly secretName?: string | undefined;
  readonly secretVersionId?: string | undefined;
  /** Somewhere in the command, in either case. */
  readonly command?: string | undefined;
  /** From this time on. */
  readonly since?: string | undefined;
  /** Before this time. */
  readonly until?: string | undefined;
}

export interface EventPage {
  readonly order: 'asc' | 'desc';
  /** Beyond this sequence, in the direction of `order`. */
  readonly after: number | undefined;
  readonly limit: number;
}

/** Port: the log itself. Nothing in it ever changes or goes. */
export abstract class EventLog {
  /** Makes this transaction the only writer, until its end; waits for the one before. */
  abstract lock(): Promise<void>;
  /**
   * Takes ids for these events, of which no two have the same. Only under the lock.
   * @returns the leaf hash of the event that has an id already, by id
   */
  abstract claim(events: readonly AuditEvent[]): Promise<ReadonlyMap<string, Hash>>;
  /**
   * Puts new events at the end, in this order, each with the next sequence: dense, counted from 1, in the order of commits.
   * Only under the lock.
   */
  abstract append(events: readonly AuditEvent[]): Promise<{ sizeBefore: number; logged: LoggedEvent[] }>;
  /** The texts of these events, as far as they are there and fit the filter, in their order. */
  abstract texts(filter: EventFilter, first: number, last: number): Promise<{ sequence: number; body: string }[]>;
  /** May be fewer than `limit` although there are more, where they are large; then `more` is true. */
  abstract page(filter: EventFilter, page: EventPage): Promise<{ events: StoredEvent[]; more: boolean }>;
}

export interface QuarantinedMessage {
  readonly streamSequence: number;
  readonly subject: string;
  readonly data: Uint8Array;
  readonly reason: string;
}

/** Port: messages of the stream that are no events; kept for people to look at. */
export abstract class Quarantine {
  /** Safe to repeat. */
  abstract keep(messages: readonly QuarantinedMessage[]): Promise<void>;
}
