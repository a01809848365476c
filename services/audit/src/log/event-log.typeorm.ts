import { StoredEvent } from '@sallyport/contracts';
import type { Database } from '@sallyport/postgres';
import { z } from 'zod';
import type { AuditEvent, LoggedEvent } from './audit-event.js';
import { EventLog, type EventFilter, type EventPage } from './event-log.js';

/** PostgreSQL gives a bigint as text; ours stay far below 2^53. */
const Sequence = z.coerce.number().int();
const Last = z.tuple([z.object({ last: Sequence })]);
const Bodies = z.array(z.object({ id: z.string(), body: z.string() }));
const Rows = z.array(z.object({ sequence: Sequence, body: z.string(), bytes_before: Sequence }));

/** Any number that nothing else in this database locks; "LOGW" in ASCII. */
const writerLock = 0x4c_4f_47_57;
/** A page that has reached this size ends: with its last event, of 512 KiB at most, it fits into a NATS message of 1 MiB. */
const fullPageBytes = 384 * 1024;

export class PostgresEventLog extends EventLog {
  constructor(private readonly database: Database) {
    super();
  }

  override async lock(): Promise<void> {
    // A server may be set up to lose its last commits in a crash. What the stream is told to forget must not be among them.
    await this.database.manager.query(
      `SELECT pg_advisory_xact_lock($1), CASE current_setting('synchronous_commit')
                WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END`,
      [writerLock],
    );
  }

  override async bodies(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    const rows: unknown = await this.database.manager.query('SELECT id, body FROM event WHERE id = ANY($1::uuid[])', [
      ids,
    ]);
    return new Map(Bodies.parse(rows).map(({ id, body }) => [id, body]));
  }

  override async append(events: readonly AuditEvent[]): Promise<LoggedEvent[]> {
    if (events.length === 0) return [];
    const rows: unknown = await this.database.manager.query('SELECT coalesce(max(sequence), 0) AS last FROM event');
    const [{ last }] = Last.parse(rows);
    const logged = events.map((event, index) => ({ ...event, sequence: last + 1 + index }));
    await this.database.manager.query(
      `INSERT INTO event (sequence, id, type, source, subject, time, session_id, user_id, actor_id, body)
       SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
                            $7::uuid[], $8::uuid[], $9::uuid[], $10::text[])`,
      [
        logged.map((e) => e.sequence),
        logged.map((e) => e.id),
        logged.map((e) => e.type),
        logged.map((e) => e.source),
        logged.map((e) => e.subject ?? null),
        logged.map((e) => e.time.toISOString()),
        logged.map((e) => e.sessionId ?? null),
        logged.map((e) => e.userId ?? null),
        logged.map((e) => e.actorId ?? null),
        logged.map((e) => e.body),
      ],
    );
    return logged;
  }

  override async page(filter: EventFilter, page: EventPage): Promise<{ events: StoredEvent[]; more: boolean }> {
    const { conditions, values } = where(filter, page);
    // One row more than asked for tells whether there is more. The inner query is cut by number, the outer one by size.
    const rows: unknown = await this.database.manager.query(
      `SELECT sequence, body, coalesce(sum(octet_length(body)) OVER (
                ORDER BY sequence ${page.order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
         FROM (SELECT sequence, body FROM event
                WHERE ${conditions.join(' AND ')} ORDER BY sequence ${page.order} LIMIT ${page.limit + 1}) AS page
        ORDER BY sequence ${page.order}`,
      values,
    );
    const found = Rows.parse(rows);
    const shown = found.slice(0, page.limit).filter((row) => row.bytes_before < fullPageBytes);
    const events = shown.map(({ sequence, body }) => StoredEvent.parse({ ...(JSON.parse(body) as object), sequence }));
    return { events, more: shown.length < found.length };
  }
}

function where(filter: EventFilter, page: EventPage): { conditions: string[]; values: unknown[] } {
  const values: unknown[] = [];
  const value = (given: unknown): string => `$${values.push(given)}`;
  const conditions = ['true'];
  const { type, subject, sessionId, userId, since, until } = filter;
  if (page.after !== undefined) conditions.push(`sequence ${page.order === 'asc' ? '>' : '<'} ${value(page.after)}`);
  // Byte by byte, as the index is made; "/" is the character after ".".
  if (type?.endsWith('.')) conditions.push(`type ~>=~ ${value(type)} AND type ~<~ ${value(type.replace(/\.$/, '/'))}`);
  else if (type !== undefined) conditions.push(`type = ${value(type)}`);
  if (subject !== undefined) conditions.push(`subject = ${value(subject)}`);
  if (sessionId !== undefined) conditions.push(`session_id = ${value(sessionId)}`);
  if (userId !== undefined) {
    const user = value(userId);
    conditions.push(`(user_id = ${user} OR actor_id = ${user})`);
  }
  if (since !== undefined) conditions.push(`time >= ${value(since)}`);
  if (until !== undefined) conditions.push(`time < ${value(until)}`);
  return { conditions, values };
}
