import { SessionId, type UserId } from '@sallyport/contracts';
import type { Database } from '@sallyport/postgres';
import { z } from 'zod';
import { Terminations, type Termination } from './terminations.js';

const Rows = z.array(z.object({ session_id: SessionId, reason: z.string(), keep_out_seconds: z.int().nullable() }));
/** No session takes longer, so nobody asks any more. */
const kept = "interval '60 days'";

export class DatabaseTerminations extends Terminations {
  constructor(private readonly database: Database) {
    super();
  }

  async add({ sessionId, reason, keepOutSeconds }: Termination, now: Date): Promise<void> {
    await this.database.manager.query(`DELETE FROM terminations WHERE requested_at < $1::timestamptz - ${kept}`, [now]);
    await this.database.manager.query(
      `INSERT INTO terminations (session_id, reason, keep_out_seconds, requested_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (session_id) DO UPDATE SET reason = excluded.reason, keep_out_seconds = excluded.keep_out_seconds`,
      [sessionId, reason, keepOutSeconds ?? null, now],
    );
  }

  async of(sessionIds: readonly SessionId[]): Promise<Termination[]> {
    const rows: unknown = await this.database.manager.query(
      'SELECT session_id, reason, keep_out_seconds FROM terminations WHERE session_id = ANY($1)',
      [sessionIds],
    );
    return Rows.parse(rows).map(({ session_id: sessionId, reason, keep_out_seconds }) => ({
      sessionId,
      reason,
      ...(keep_out_seconds !== null && { keepOutSeconds: keep_out_seconds }),
    }));
  }

  async keepOut(userId: UserId, until: Date): Promise<void> {
    await this.database.manager.query(
      `INSERT INTO kept_out_users (user_id, until) SELECT id, $2 FROM users WHERE id = $1
       ON CONFLICT (user_id) DO UPDATE SET until = greatest(kept_out_users.until, excluded.until)`,
      [userId, until],
    );
  }

  async isKeptOut(userId: UserId, now: Date): Promise<boolean> {
    const rows: unknown[] = await this.database.manager.query(
      'SELECT 1 FROM kept_out_users WHERE user_id = $1 AND until > $2',
      [userId, now],
    );
    return rows.length > 0;
  }
}
