import type { FollowEventsV1, ReplyOf } from '@sallyport/contracts';
import type { EventFilter, EventLog } from './event-log.js';
import type { LogTail } from './log-tail.js';

const limit = 200;
/** Well below the deadline of the request. */
const waitMs = 5_000;

/** What comes after a place in the log. Whoever asks anew with the position that he was told misses and repeats nothing. */
export class FollowEvents {
  constructor(
    private readonly log: EventLog,
    private readonly tail: LogTail,
  ) {}

  async run(filter: EventFilter, after: number | undefined, wait: boolean): Promise<ReplyOf<typeof FollowEventsV1>> {
    if (after === undefined) return { items: [], position: await this.tail.size() };
    const size = await this.tail.beyond(after, wait ? waitMs : 0);
    if (size <= after) return { items: [], position: after };
    const { events, more } = await this.log.page(filter, { order: 'asc', after, limit });
    const last = events.at(-1)?.sequence ?? after;
    return { items: events, position: more ? last : Math.max(last, size) };
  }
}
