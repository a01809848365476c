import { Command } from '@sallyport/contracts';
import type { Database } from '@sallyport/postgres';
import { z } from 'zod';
import { Commands, type CommandFilter, type RunCommand, type UnreadRecording } from './commands.js';

const Unread = z.array(z.object({ session_id: z.string(), channel: z.int(), user_id: z.string(), object: z.string() }));
const Rows = z.array(
  z.object({
    id: z.coerce.number().int(),
    session_id: z.string(),
    channel: z.int(),
    number: z.int(),
    user_id: z.string(),
    at: z.date(),
    text: z.string(),
  }),
);
const maxAttempts = 5;

export class PostgresCommands extends Commands {
  constructor(private readonly database: Database) {
    super();
  }

  override async add(commands: readonly RunCommand[], unread: readonly UnreadRecording[]): Promise<void> {
    await this.insert(commands);
    // One row of a recording: PostgreSQL would not update the same one twice in a statement.
    const latest = [...new Map(unread.map((each) => [`${each.sessionId}/${each.channel}`, each])).values()];
    if (latest.length > 0)
      await this.query(
        `INSERT INTO unread_recording (session_id, channel, user_id, object)
         SELECT * FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[])
         ON CONFLICT (session_id, channel) DO UPDATE SET attempts = 0, retry_at = now(), object = excluded.object`,
        [
          latest.map((each) => each.sessionId),
          latest.map((each) => each.channel),
          latest.map((each) => each.userId),
          latest.map((each) => each.object),
        ],
      );
  }

  override async nextUnread(): Promise<UnreadRecording | undefined> {
    const result = await this.query(
      `UPDATE unread_recording SET attempts = attempts + 1, retry_at = now() + interval '2 minutes' * (attempts + 1)
        WHERE (session_id, channel) IN (SELECT session_id, channel FROM unread_recording
                WHERE retry_at <= now() AND attempts < $1 ORDER BY retry_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING session_id, channel, user_id, object`,
      [maxAttempts],
    );
    // TypeORM answers an UPDATE with its rows and their number.
    const [row] = z.tuple([Unread, z.number()]).parse(result)[0];
    return row && { sessionId: row.session_id, channel: row.channel, userId: row.user_id, object: row.object };
  }

  override async read({ sessionId, channel }: UnreadRecording, commands: readonly RunCommand[]): Promise<void> {
    await this.database.transaction(async () => {
      await this.insert(commands);
      await this.query('DELETE FROM unread_recording WHERE session_id = $1 AND channel = $2', [sessionId, channel]);
    });
  }

  override async page(
    filter: CommandFilter,
    before: number | undefined,
    limit: number,
  ): Promise<{ command: Command; place: number }[]> {
    const values: unknown[] = [];
    const value = (given: unknown): string => `$${values.push(given)}`;
    const conditions = conditionsOf(filter, value);
    if (before !== undefined) conditions.push(`id < ${value(before)}`);
    const rows = await this.query(
      `SELECT id, session_id, channel, number, user_id, at, text FROM command
        WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ${value(limit)}`,
      values,
    );
    return Rows.parse(rows).map((row) => ({
      place: row.id,
      command: Command.parse({
        ...{ sessionId: row.session_id, channel: row.channel, userId: row.user_id, command: row.text },
        ...{ at: row.at.toISOString(), source: row.number === 0 ? 'given' : 'screen' },
      }),
    }));
  }

  private async insert(commands: readonly RunCommand[]): Promise<void> {
    if (commands.length === 0) return;
    await this.query(
      `INSERT INTO command (session_id, channel, number, user_id, at, text)
       SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::uuid[], $5::timestamptz[], $6::text[])
       ON CONFLICT DO NOTHING`,
      [
        commands.map((each) => each.sessionId),
        commands.map((each) => each.channel),
        commands.map((each) => each.number),
        commands.map((each) => each.userId),
        commands.map((each) => each.at.toISOString()),
        commands.map((each) => each.text),
      ],
    );
  }

  private query(statement: string, values: unknown[]): Promise<unknown> {
    return this.database.manager.query(statement, values);
  }
}

function conditionsOf(filter: CommandFilter, value: (given: unknown) => string): string[] {
  const { text, hostId, accountId } = filter;
  const conditions = ['true'];
  for (const [condition, wanted] of [
    ['session_id =', filter.sessionId],
    ['user_id =', filter.userId],
    ['at >=', filter.since],
    ['at <', filter.until],
  ] as const)
    if (wanted !== undefined) conditions.push(`${condition} ${value(wanted)}`);
  if (text !== undefined) conditions.push(`text ILIKE ${value(`%${text.replace(/[\\%_]/g, '\\$&')}%`)}`);
  const target = [];
  if (hostId !== undefined) target.push(`host_id = ${value(hostId)}`);
  if (accountId !== undefined) target.push(`account_id = ${value(accountId)}`);
  if (target.length > 0) conditions.push(`session_id IN (SELECT id FROM session WHERE ${target.join(' AND ')})`);
  return conditions;
}
