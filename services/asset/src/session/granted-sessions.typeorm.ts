import { AccountId, CertificateClaims, HostId, SessionId, UserId } from '@sallyport/contracts';
import type { Database } from '@sallyport/postgres';
import { z } from 'zod';
import { GrantedSessions, type GrantedSession } from './granted-sessions.js';

const Rows = z.array(
  z
    .object({
      session_id: SessionId,
      user_id: UserId,
      host_id: HostId,
      account_id: AccountId,
      fingerprint: z.string().nullable(),
      certificate: CertificateClaims.nullable(),
    })
    .transform((row) => ({
      sessionId: row.session_id,
      userId: row.user_id,
      hostId: row.host_id,
      accountId: row.account_id,
      ...(row.fingerprint !== null && { fingerprint: row.fingerprint }),
      ...(row.certificate !== null && { certificate: row.certificate }),
    })),
);
/** As long as terminations: no session takes longer. */
const kept = "interval '60 days'";

export class DatabaseGrantedSessions extends GrantedSessions {
  constructor(private readonly database: Database) {
    super();
  }

  async add(session: GrantedSession, now: Date): Promise<boolean> {
    const { sessionId, userId, hostId, accountId, fingerprint = null, certificate } = session;
    const rows: unknown[] = await this.database.manager.query(
      `WITH old AS (DELETE FROM granted_sessions WHERE granted_at < $6::timestamptz - ${kept}),
            added AS (
              INSERT INTO granted_sessions AS own (session_id, user_id, host_id, account_id, fingerprint, granted_at, certificate)
              VALUES ($1, $2, $3, $4, $5, $6, $7)
              ON CONFLICT (session_id) DO UPDATE
                SET host_id = excluded.host_id, account_id = excluded.account_id, fingerprint = excluded.fingerprint,
                    certificate = excluded.certificate
                WHERE own.user_id = excluded.user_id
              RETURNING 1)
       SELECT 1 FROM added`,
      [sessionId, userId, hostId, accountId, fingerprint, now, certificate ? JSON.stringify(certificate) : null],
    );
    return rows.length > 0;
  }

  async of(sessionIds: readonly SessionId[]): Promise<GrantedSession[]> {
    const rows: unknown = await this.database.manager.query(
      'SELECT session_id, user_id, host_id, account_id, fingerprint, certificate FROM granted_sessions WHERE session_id = ANY($1)',
      [sessionIds],
    );
    return Rows.parse(rows);
  }
}
