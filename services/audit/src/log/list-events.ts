import type { ListEventsV1, ReplyOf, RequestOf } from '@sallyport/contracts';
import { decodeCursor, encodeCursor } from '../paging/cursor.js';
import type { EventLog } from './event-log.js';

/** One page of the log. Pages neither miss nor repeat an event, whatever is appended meanwhile. */
export class ListEvents {
  constructor(private readonly log: EventLog) {}

  /** @throws DomainError `request.invalid` the cursor is not one of this list in this order */
  async run({
    cursor,
    limit,
    order,
    ...filter
  }: Omit<RequestOf<typeof ListEventsV1>, 'actor'>): Promise<ReplyOf<typeof ListEventsV1>> {
    const kind = `event-${order}` as const;
    const after = decodeCursor(kind, cursor);
    const { events, more } = await this.log.page(filter, { order, after, limit });
    const last = events.at(-1);
    return { items: events, ...(more && last ? { nextCursor: encodeCursor(kind, last.sequence) } : {}) };
  }
}
