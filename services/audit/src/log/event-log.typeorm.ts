import { StoredEvent } from '@sallyport/contracts';
import type { Database } from '@sallyport/postgres';
import type { Hash } from '@sallyport/transparency';
import { z } from 'zod';
import type { AuditEvent, LoggedEvent } from './audit-event.js';
import { EventLog, type EventFilter, type EventPage } from './event-log.js';

/** PostgreSQL gives a bigint as text; ours stay far below 2^53. */
const Sequence = z.coerce.number().int();
const Last = z.tuple([z.object({ last: Sequence })]);
const Ids = z.array(z.object({ id: z.string() }));
const Known = z.array(z.object({ id: z.string(), leaf_hash: z.instanceof(Buffer) }));
const Texts = z.array(z.object({ sequence: Sequence, body: z.string() }));
const Rows = z.array(z.object({ sequence: Sequence, body: z.string(), bytes_before: Sequence }));

/** Any number that nothing else in this database locks; "LOGW" in ASCII. */
const writerLock = 0x4c_4f_47_57;
/** A page that has reached this size ends: with its last event, of 512 KiB at most, it fits into a NATS message of 1 MiB. */
const fullPageBytes = 384 * 1024;

export class PostgresEventLog extends EventLog {
  private partitionsEnsuredAt = 0;

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

  override async claim(events: readonly AuditEvent[]): Promise<ReadonlyMap<string, Hash>> {
    if (events.length === 0) return new Map();
    const ids = events.map((event) => event.id);
    const taken = Ids.parse(
      await this.database.manager.query(
        `WITH given AS (SELECT id, substring($2::bytea FROM 32 * n::int - 31 FOR 32) AS leaf_hash
                          FROM unnest($1::uuid[]) WITH ORDINALITY AS ids (id, n)),
              fresh AS (INSERT INTO event_id (id, leaf_hash) SELECT * FROM given ON CONFLICT DO NOTHING RETURNING id)
         SELECT id FROM given WHERE NOT EXISTS (SELECT FROM fresh WHERE fresh.id = given.id)`,
        [ids, Buffer.concat(events.map((event) => event.leafHash))],
      ),
    );
    if (taken.length === 0) return new Map();
    const known: unknown = await this.database.manager.query(
      'SELECT id, leaf_hash FROM event_id WHERE id = ANY($1::uuid[])',
      [taken.map(({ id }) => id)],
    );
    return new Map(Known.parse(known).map(({ id, leaf_hash }) => [id, leaf_hash]));
  }

  override async append(events: readonly AuditEvent[]): Promise<{ sizeBefore: number; logged: LoggedEvent[] }> {
    await this.ensurePartitions();
    const rows: unknown = await this.database.manager.query('SELECT coalesce(max(sequence), 0) AS last FROM event');
    const [{ last }] = Last.parse(rows);
    const logged = events.map((event, index) => ({ ...event, sequence: last + 1 + index }));
    if (logged.length === 0) return { sizeBefore: last, logged };
    const bodies = logged.map((e) => Buffer.from(e.body));
    const begins: number[] = [];
    bodies.reduce((begin, { length }) => {
      begins.push(begin);
      return begin + length;
    }, 1);
    // As bytes, end to end: in arrays their texts would have to be escaped, which takes longer than all else.
    await this.database.manager.query(
      `INSERT INTO event (sequence, id, type, source, subject, time, session_id, user_id, actor_id, host_id, account_id,
                          secret_name, secret_version_id, command, body, leaf_hash)
       SELECT $1::bigint + n, id, type, source, subject, time, session_id, user_id, actor_id, host_id, account_id,
              secret_name, secret_version_id, command, convert_from(substring($17::bytea FROM begin FOR bytes), 'UTF8'),
              substring($18::bytea FROM 32 * n::int - 31 FOR 32)
         FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::uuid[], $8::uuid[],
                     $9::uuid[], $10::uuid[], $11::uuid[], $12::text[], $13::text[], $14::text[], $15::int[], $16::int[])
           WITH ORDINALITY AS e (id, type, source, subject, time, session_id, user_id, actor_id, host_id, account_id,
                                 secret_name, secret_version_id, command, begin, bytes, n)`,
      [
        last,
        logged.map((e) => e.id),
        logged.map((e) => e.type),
        logged.map((e) => e.source),
        logged.map((e) => e.subject ?? null),
        logged.map((e) => e.time.toISOString()),
        logged.map((e) => e.sessionId ?? null),
        logged.map((e) => e.userId ?? null),
        logged.map((e) => e.actorId ?? null),
        logged.map((e) => e.hostId ?? null),
        logged.map((e) => e.accountId ?? null),
        logged.map((e) => e.secretName ?? null),
        logged.map((e) => e.secretVersionId ?? null),
        logged.map((e) => e.command ?? null),
        begins,
        bodies.map(({ length }) => length),
        Buffer.concat(bodies),
        Buffer.concat(logged.map((e) => e.leafHash)),
      ],
    );
    return { sizeBefore: last, logged };
  }

  /** There is always a table for this month and the next: asking once a day is enough, and most days nothing is to do. */
  private async ensurePartitions(): Promise<void> {
    if (Date.now() - this.partitionsEnsuredAt < 86_400_000) return;
    await this.database.manager.query('SELECT ensure_event_partitions()');
    this.partitionsEnsuredAt = Date.now();
  }

  override async texts(
    filter: EventFilter,
    first: number,
    last: number,
  ): Promise<{ sequence: number; body: string }[]> {
    const { alternatives, values } = where(filter, { order: 'asc', after: first - 1 });
    const rows: unknown = await this.database.manager.query(
      `SELECT sequence, body FROM event WHERE (${alternatives.join(' OR ')}) AND sequence <= $${values.push(last)} ORDER BY sequence`,
      values,
    );
    return Texts.parse(rows);
  }

  override async page(filter: EventFilter, page: EventPage): Promise<{ events: StoredEvent[]; more: boolean }> {
    const { alternatives, values } = where(filter, page);
    // One row more than asked for tells whether there is more. The inner queries are cut by number, the outer one by size.
    // Each alternative by itself is read from its index in the order wanted, and no further than needed.
    const cut = `ORDER BY sequence ${page.order} LIMIT ${page.limit + 1}`;
    const found = alternatives.map((condition) => `(SELECT sequence, body FROM event WHERE ${condition} ${cut})`);
    const rows: unknown = await this.database.manager.query(
      `SELECT sequence, body, coalesce(sum(octet_length(body)) OVER (
                ORDER BY sequence ${page.order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS bytes_before
         FROM (${found.join(' UNION ')}) AS page
        ORDER BY sequence ${page.order}`,
      values,
    );
    const there = Rows.parse(rows);
    const shown = there.slice(0, page.limit).filter((row) => row.bytes_before < fullPageBytes);
    const events = shown.map(({ sequence, body }) => StoredEvent.parse({ ...(JSON.parse(body) as object), sequence }));
    return { events, more: shown.length < there.length };
  }
}

/** @returns conditions, of which one must hold */
function where(
  filter: EventFilter,
  page: Pick<EventPage, 'order' | 'after'>,
): { alternatives: string[]; values: unknown[] } {
  const values: unknown[] = [];
  const value = (given: unknown): string => `$${values.push(given)}`;
  const conditions = ['true'];
  const { type, subject, userId, since, until, command } = filter;
  if (page.after !== undefined) conditions.push(`sequence ${page.order === 'asc' ? '>' : '<'} ${value(page.after)}`);
  // Byte by byte, as the index is made; "/" is the character after ".".
  if (type?.endsWith('.')) conditions.push(`type ~>=~ ${value(type)} AND type ~<~ ${value(type.replace(/\.$/, '/'))}`);
  else if (type !== undefined) conditions.push(`type = ${value(type)}`);
  if (subject !== undefined) conditions.push(hasSubject(value(subject)));
  for (const [column, wanted] of [
    ['session_id', filter.sessionId],
    ['host_id', filter.hostId],
    ['account_id', filter.accountId],
    ['secret_name', filter.secretName],
    ['secret_version_id', filter.secretVersionId],
  ])
    if (wanted !== undefined) conditions.push(`${column} = ${value(wanted)}`);
  if (command !== undefined) conditions.push(`command ILIKE ${value(`%${command.replace(/[\\%_]/g, '\\$&')}%`)}`);
  if (since !== undefined) conditions.push(`time >= ${value(since)}`);
  if (until !== undefined) conditions.push(`time < ${value(until)}`);
  const all = conditions.join(' AND ');
  if (userId === undefined) return { alternatives: [all], values };
  const user = value(userId);
  return { alternatives: [`${all} AND user_id = ${user}`, `${all} AND actor_id = ${user}`], values };
}

/** A subject that is the event's session is not in the index of subjects, but in that of sessions. */
const hasSubject = (subject: string): string =>
  `subject = ${subject} AND (subject IS DISTINCT FROM session_id::text OR session_id::text = ${subject})`;
