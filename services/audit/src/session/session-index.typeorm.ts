import { Session, SessionId, UserId } from '@sallyport/contracts';
import type { Database } from '@sallyport/postgres';
import { z } from 'zod';
import { LOST, type Closing, type Opening, type SessionChanges } from './session-changes.js';
import { SessionIndex, type SessionFilter } from './session-index.js';

const Rows = z.array(
  z.object({
    id: z.string(),
    opened_sequence: z.coerce.number().int(),
    opened_at: z.date(),
    user_id: z.string(),
    username: z.string(),
    client_address: z.string(),
    host_id: z.string(),
    host_name: z.string(),
    account_id: z.string(),
    account_name: z.string(),
    closed_at: z.date().nullable(),
    close_reason: z.string().nullable(),
  }),
);
const Unseen = z.array(z.object({ sessionId: SessionId, userId: UserId }));
/** Open, as far as the log says. */
const inProcess = 'replica IS NOT NULL AND closed_sequence IS NULL';
const columns = `id, opened_sequence, opened_at, user_id, username, client_address, host_id, host_name, account_id,
  account_name, closed_at, close_reason`;

export class PostgresSessionIndex extends SessionIndex {
  constructor(private readonly database: Database) {
    super();
  }

  override async apply({ openings, closings }: SessionChanges): Promise<void> {
    if (openings.length > 0) await this.open(openings);
    if (closings.length > 0) await this.close(closings);
  }

  private async open(openings: readonly Opening[]): Promise<void> {
    await this.database.manager.query(
      `INSERT INTO session (id, opened_sequence, opened_at, user_id, username, client_address, host_id, host_name,
                            account_id, account_name, replica)
       SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::uuid[], $5::text[], $6::text[], $7::uuid[],
                            $8::text[], $9::uuid[], $10::text[], $11::uuid[])
       ON CONFLICT (id) DO UPDATE SET
         opened_sequence = excluded.opened_sequence, opened_at = excluded.opened_at, user_id = excluded.user_id,
         username = excluded.username, client_address = excluded.client_address, host_id = excluded.host_id,
         host_name = excluded.host_name, account_id = excluded.account_id, account_name = excluded.account_name,
         replica = excluded.replica
       WHERE session.opened_sequence IS NULL OR excluded.opened_sequence < session.opened_sequence`,
      [
        openings.map((o) => o.sessionId),
        openings.map((o) => o.sequence),
        openings.map((o) => o.openedAt.toISOString()),
        openings.map((o) => o.userId),
        openings.map((o) => o.username),
        openings.map((o) => o.clientAddress),
        openings.map((o) => o.hostId),
        openings.map((o) => o.hostName),
        openings.map((o) => o.accountId),
        openings.map((o) => o.accountName),
        openings.map((o) => o.replica),
      ],
    );
    for (const replica of new Set(openings.map((o) => o.replica))) if (replica !== undefined) await this.seen(replica);
  }

  private async close(closings: readonly Closing[]): Promise<void> {
    await this.database.manager.query(
      `INSERT INTO session (id, closed_sequence, closed_at, close_reason)
       SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::text[])
       ON CONFLICT (id) DO UPDATE SET
         closed_sequence = excluded.closed_sequence, closed_at = excluded.closed_at, close_reason = excluded.close_reason
       WHERE session.closed_sequence IS NULL
          OR (excluded.close_reason = $5, excluded.closed_sequence) < (session.close_reason = $5, session.closed_sequence)`,
      [
        closings.map((c) => c.sessionId),
        closings.map((c) => c.sequence),
        closings.map((c) => c.closedAt.toISOString()),
        closings.map((c) => c.reason),
        LOST,
      ],
    );
  }

  override async page(
    filter: SessionFilter,
    before: number | undefined,
    limit: number,
  ): Promise<{ session: Session; sequence: number }[]> {
    const values: unknown[] = [];
    const value = (given: unknown): string => `$${values.push(given)}`;
    const conditions = conditionsOf(filter, value);
    if (before !== undefined) conditions.push(`opened_sequence < ${value(before)}`);
    const rows: unknown = await this.database.manager.query(
      `SELECT ${columns} FROM session WHERE ${conditions.join(' AND ')} ORDER BY opened_sequence DESC LIMIT ${value(limit)}`,
      values,
    );
    return Rows.parse(rows).map((row) => ({ session: toSession(row), sequence: row.opened_sequence }));
  }

  override async get(sessionId: string): Promise<Session | undefined> {
    const rows: unknown = await this.database.manager.query(
      `SELECT ${columns} FROM session WHERE id = $1 AND opened_sequence IS NOT NULL`,
      [sessionId],
    );
    const [row] = Rows.parse(rows);
    return row && toSession(row);
  }

  override async replicas(): Promise<string[]> {
    const rows: unknown = await this.database.manager.query(`SELECT DISTINCT replica FROM session WHERE ${inProcess}`);
    return z
      .array(z.object({ replica: z.string() }))
      .parse(rows)
      .map(({ replica }) => replica);
  }

  override async seen(replica: string): Promise<void> {
    await this.database.manager.query(
      `INSERT INTO session_process (replica) VALUES ($1) ON CONFLICT (replica) DO UPDATE SET seen_at = now()`,
      [replica],
    );
  }

  override async takeUnseen(unseenMs: number): Promise<{ sessionId: SessionId; userId: UserId }[]> {
    const rows: unknown = await this.database.manager.query(
      `WITH taken AS (
         UPDATE session SET told_lost_at = now()
          WHERE ${inProcess} AND (told_lost_at IS NULL OR told_lost_at < now() - interval '1 minute')
            AND replica IN (
              SELECT replica FROM session_process WHERE seen_at < now() - $1 * interval '1 millisecond')
         RETURNING id, user_id)
       SELECT id AS "sessionId", user_id AS "userId" FROM taken`,
      [unseenMs],
    );
    return Unseen.parse(rows);
  }
}

function conditionsOf(filter: SessionFilter, value: (given: unknown) => string): string[] {
  const { status, secretName, secretVersionId } = filter;
  const conditions = ['opened_sequence IS NOT NULL'];
  if (status !== undefined) conditions.push(`closed_sequence IS ${status === 'closed' ? 'NOT ' : ''}NULL`);
  for (const [condition, wanted] of [
    ['user_id =', filter.userId],
    ['host_id =', filter.hostId],
    ['account_id =', filter.accountId],
    ['opened_at >=', filter.since],
    ['opened_at <', filter.until],
  ] as const)
    if (wanted !== undefined) conditions.push(`${condition} ${value(wanted)}`);
  const uses = [];
  if (secretName !== undefined) uses.push(`secret_name = ${value(secretName)}`);
  if (secretVersionId !== undefined) uses.push(`secret_version_id = ${value(secretVersionId)}`);
  if (uses.length > 0) conditions.push(`id IN (SELECT session_id FROM event WHERE ${uses.join(' AND ')})`);
  return conditions;
}

function toSession(row: z.infer<typeof Rows>[number]): Session {
  return Session.parse({
    id: row.id,
    userId: row.user_id,
    username: row.username,
    clientAddress: row.client_address,
    hostId: row.host_id,
    hostName: row.host_name,
    accountId: row.account_id,
    accountName: row.account_name,
    status: row.closed_at ? 'closed' : 'active',
    openedAt: row.opened_at.toISOString(),
    ...(row.closed_at ? { closedAt: row.closed_at.toISOString() } : {}),
    ...(row.close_reason === null ? {} : { closeReason: row.close_reason }),
  });
}
