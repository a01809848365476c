import type { StreamMessage } from '@sallyport/messaging';
import type { Database } from '@sallyport/postgres';
import { counter, type Logger } from '@sallyport/telemetry';
import { commandsIn, type Commands } from '../command/commands.js';
import { sessionChanges } from '../session/session-changes.js';
import type { SessionIndex } from '../session/session-index.js';
import type { GrowTree } from '../tree/grow-tree.js';
import { readEvent, type AuditEvent, type Malformed } from './audit-event.js';
import type { EventLog, Quarantine, QuarantinedMessage } from './event-log.js';

interface ReadMessage {
  readonly message: StreamMessage;
  readonly event: AuditEvent | Malformed;
}

interface Sorted {
  readonly events: readonly AuditEvent[];
  readonly odd: readonly QuarantinedMessage[];
}

/** Takes what the stream brings into the log: each event once, however often it comes, and nothing is ever passed over. */
export class StoreEvents {
  private readonly stored = counter('sallyport.audit.events.stored', 'Audit events put into the log');
  /** Settles when all that was given has been stored, or not. */
  private before: Promise<void> = Promise.resolve();
  private readonly quarantined = counter('sallyport.audit.messages.malformed', 'Messages that are no audit events');

  constructor(
    private readonly database: Pick<Database, 'transaction'>,
    private readonly log: EventLog,
    private readonly quarantine: Quarantine,
    private readonly sessions: SessionIndex,
    private readonly commands: Commands,
    private readonly tree: GrowTree,
    private readonly logger: Logger,
  ) {}

  /**
   * When it resolves all of them are on disk and may be acknowledged; when it rejects none is. What it is given before that is
   * read at once, and stored after it.
   */
  run(messages: readonly StreamMessage[]): Promise<void> {
    const read = messages.map((message) => ({ message, event: readEvent(message) }));
    const stored = this.before.then(() => this.store(read));
    this.before = stored.catch(() => undefined);
    return stored;
  }

  private async store(read: readonly ReadMessage[]): Promise<void> {
    const { fresh, odd, grown } = await this.database.transaction(async () => {
      await this.log.lock();
      const sorted = await this.sort(read);
      const { sizeBefore, logged: fresh } = await this.log.append(sorted.events);
      const grown = await this.tree.run(
        sizeBefore,
        fresh.map((event) => event.leafHash),
      );
      await this.sessions.apply(sessionChanges(fresh));
      const { given, unread } = commandsIn(fresh);
      await this.commands.add(given, unread);
      await this.quarantine.keep(sorted.odd);
      return { fresh, odd: sorted.odd, grown };
    });
    this.tree.keep(grown);
    this.stored.add(fresh.length);
    this.quarantined.add(odd.length);
    for (const { streamSequence, subject, reason } of odd)
      this.logger.error({ streamSequence, subject, reason }, 'a message of the audit stream is no event: kept apart');
  }

  /** An id that comes again with another text is no redelivery: the first stays, and the other is kept apart. */
  private async sort(read: readonly ReadMessage[]): Promise<Sorted> {
    const first = new Map<string, AuditEvent>();
    for (const { event } of read) if (!('reason' in event) && !first.has(event.id)) first.set(event.id, event);
    const known = await this.log.claim([...first.values()]);
    const odd: QuarantinedMessage[] = [];
    for (const { message, event } of read) {
      if ('reason' in event) odd.push({ ...message, reason: event.reason });
      else if (!(known.get(event.id) ?? first.get(event.id)?.leafHash)?.equals(event.leafHash))
        odd.push({ ...message, reason: `id ${event.id} is taken by another event` });
    }
    return { events: [...first.values()].filter((event) => !known.has(event.id)), odd };
  }
}
