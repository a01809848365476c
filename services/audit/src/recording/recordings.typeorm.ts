import { RecordingKind, RecordingStatus, type RecordingBegin } from '@sallyport/contracts';
import type { Database } from '@sallyport/postgres';
import { z } from 'zod';
import { Recordings, type Recording, type StoredRecording } from './recordings.js';

const Rows = z.array(
  z.object({
    session_id: z.string(),
    channel: z.int(),
    user_id: z.string(),
    kind: RecordingKind,
    status: RecordingStatus,
    started_at: z.date(),
    chunk_count: z.int().nullable(),
    size_bytes: z.coerce.number().int().nullable(),
    sha256: z.string().nullable(),
    object: z.string().nullable(),
  }),
);
const columns = 'session_id, channel, user_id, kind, status, started_at, chunk_count, size_bytes, sha256, object';
const milliseconds = "interval '1 millisecond'";

export class PostgresRecordings extends Recordings {
  constructor(private readonly database: Database) {
    super();
  }

  override async begin({ sessionId, channel, userId, kind, replica, startedAt }: RecordingBegin): Promise<void> {
    await this.query(
      `INSERT INTO recording (session_id, channel, user_id, kind, replica, started_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT DO NOTHING`,
      [sessionId, channel, userId, kind, replica, startedAt],
    );
  }

  override async get(sessionId: string, channel: number): Promise<Recording | undefined> {
    return (await this.rows('session_id = $1 AND channel = $2', [sessionId, channel]))[0];
  }

  override of(sessionId: string): Promise<Recording[]> {
    return this.rows('session_id = $1', [sessionId]);
  }

  override async stored(
    { sessionId, channel }: Recording,
    status: 'complete' | 'lost',
    { chunkCount, sizeBytes, sha256, object }: StoredRecording,
  ): Promise<void> {
    await this.query(
      `UPDATE recording SET status = $3, chunk_count = $4, size_bytes = $5, sha256 = $6, object = $7, stored_at = now()
        WHERE session_id = $1 AND channel = $2`,
      [sessionId, channel, status, chunkCount, sizeBytes, sha256, object],
    );
  }

  override async remove(sessionId: string, channel: number): Promise<void> {
    await this.query('DELETE FROM recording WHERE session_id = $1 AND channel = $2', [sessionId, channel]);
  }

  override async replicas(): Promise<string[]> {
    const rows = await this.query("SELECT DISTINCT replica FROM recording WHERE in_stream AND status = 'recording'");
    return z
      .array(z.object({ replica: z.string() }))
      .parse(rows)
      .map(({ replica }) => replica);
  }

  override async seen(replica: string): Promise<void> {
    await this.query('UPDATE recording SET seen_at = now() WHERE in_stream AND replica = $1', [replica]);
  }

  override abandoned(unseenMs: number): Promise<Recording[]> {
    return this.rows(`in_stream AND status = 'recording' AND seen_at < now() - $1 * ${milliseconds}`, [unseenMs]);
  }

  override storedFor(status: 'complete' | 'lost', ms: number): Promise<Recording[]> {
    return this.rows(`in_stream AND status = $2 AND stored_at < now() - $1 * ${milliseconds}`, [ms, status]);
  }

  override async outOfStream({ sessionId, channel }: Recording): Promise<void> {
    await this.query('UPDATE recording SET in_stream = false WHERE session_id = $1 AND channel = $2', [
      sessionId,
      channel,
    ]);
  }

  private async rows(condition: string, values: unknown[]): Promise<Recording[]> {
    const rows = await this.query(`SELECT ${columns} FROM recording WHERE ${condition} ORDER BY channel`, values);
    return Rows.parse(rows).map((row) => ({
      sessionId: row.session_id,
      channel: row.channel,
      userId: row.user_id,
      kind: row.kind,
      status: row.status,
      startedAt: row.started_at,
      ...(row.object !== null && {
        stored: {
          chunkCount: row.chunk_count ?? 0,
          sizeBytes: row.size_bytes ?? 0,
          sha256: row.sha256 ?? '',
          object: row.object,
        },
      }),
    }));
  }

  private query(statement: string, values: unknown[] = []): Promise<unknown> {
    return this.database.manager.query(statement, values);
  }
}
