import type { StreamMessage } from '@sallyport/messaging';
import type { Database } from '@sallyport/postgres';
import { counter, type Logger } from '@sallyport/telemetry';
import { sessionChanges } from '../session/session-changes.js';
import type { SessionIndex } from '../session/session-index.js';
import { readEvent, type AuditEvent } from './audit-event.js';
import type { EventLog, Quarantine, QuarantinedMessage } from './event-log.js';

interface Sorted {
  readonly events: readonly AuditEvent[];
  readonly odd: readonly QuarantinedMessage[];
}

/** Takes what the stream brings into the log: each event once, however often it comes, and nothing is ever passed over. */
export class StoreEvents {
  private readonly stored = counter('sallyport.audit.events.stored', 'Audit events put into the log');
  private readonly quarantined = counter('sallyport.audit.messages.malformed', 'Messages that are no audit events');

  constructor(
    private readonly database: Pick<Database, 'transaction'>,
    private readonly log: EventLog,
    private readonly quarantine: Quarantine,
    private readonly sessions: SessionIndex,
    private readonly logger: Logger,
  ) {}

  /** When it resolves all of them are on disk and may be acknowledged; when it rejects none is. */
  async run(messages: readonly StreamMessage[]): Promise<void> {
    const { fresh, odd } = await this.database.transaction(async () => {
      await this.log.lock();
      const sorted = await this.sort(messages);
      const fresh = await this.log.append(sorted.events);
      await this.sessions.apply(sessionChanges(fresh));
      await this.quarantine.keep(sorted.odd);
      return { fresh, odd: sorted.odd };
    });
    this.stored.add(fresh.length);
    this.quarantined.add(odd.length);
    for (const { streamSequence, subject, reason } of odd)
      this.logger.error({ streamSequence, subject, reason }, 'a message of the audit stream is no event: kept apart');
  }

  /** An id that comes again with another text is no redelivery: the first stays, and the other is kept apart. */
  private async sort(messages: readonly StreamMessage[]): Promise<Sorted> {
    const events = new Map<string, AuditEvent>();
    const odd: QuarantinedMessage[] = [];
    const read = messages.map((message) => ({ message, event: readEvent(message) }));
    const ids = read.flatMap(({ event }) => ('reason' in event ? [] : [event.id]));
    const known = await this.log.bodies(ids);
    for (const { message, event } of read) {
      if ('reason' in event) {
        odd.push({ ...message, reason: event.reason });
        continue;
      }
      const first = known.get(event.id) ?? events.get(event.id)?.body;
      if (first === undefined) events.set(event.id, event);
      else if (first !== event.body) odd.push({ ...message, reason: `id ${event.id} is taken by another event` });
    }
    return { events: [...events.values()], odd };
  }
}
