import { RecordingEnd, RecordingKind, RecordingStatus, type RecordingBegin } from '@sallyport/contracts';
import type { Database } from '@sallyport/postgres';
import { z } from 'zod';
import { Recordings, type Recording, type RecordingToStore, type StoredRecording } from './recordings.js';

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
    ended: RecordingEnd.nullable(),
  }),
);
const columns =
  'session_id, channel, user_id, kind, status, started_at, chunk_count, size_bytes, sha256, object, ended';
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

  override async ended(sessionId: string, channel: number, end: RecordingEnd): Promise<void> {
    await this.query(
      `UPDATE recording SET ended = $3, store_after = now()
        WHERE session_id = $1 AND channel = $2 AND status <> 'complete' AND ended IS DISTINCT FROM $3::jsonb`,
      [sessionId, channel, JSON.stringify(end)],
    );
  }

  override async abandon(unseenMs: number): Promise<Recording[]> {
    return this.changed(
      `SET store_after = now()
        WHERE in_stream AND status = 'recording' AND store_after IS NULL AND (
          seen_at < now() - $1 * ${milliseconds} OR EXISTS (
            SELECT FROM session WHERE id = recording.session_id AND closed_at < now() - $1 * ${milliseconds}))`,
      [unseenMs],
    );
  }

  override async nextToStore(leaseMs: number): Promise<RecordingToStore | undefined> {
    const [claimed] = await this.changed(
      `SET store_after = now() + $1 * ${milliseconds}
        WHERE (session_id, channel) IN (
          SELECT session_id, channel FROM recording WHERE store_after <= now()
           ORDER BY store_after LIMIT 1 FOR UPDATE SKIP LOCKED)`,
      [leaseMs],
    );
    return claimed;
  }

  override async postpone({ sessionId, channel }: Recording, ms: number): Promise<void> {
    await this.query(
      `UPDATE recording SET store_after = now() + $3 * ${milliseconds}
        WHERE session_id = $1 AND channel = $2 AND store_after IS NOT NULL`,
      [sessionId, channel, ms],
    );
  }

  override async stored(
    { sessionId, channel, end }: RecordingToStore,
    status: 'complete' | 'lost',
    { chunkCount, sizeBytes, sha256, object }: StoredRecording,
  ): Promise<void> {
    await this.query(
      `UPDATE recording
          SET status = $3, chunk_count = $4, size_bytes = $5, sha256 = $6, object = $7, stored_at = now(), store_after = NULL
        WHERE session_id = $1 AND channel = $2 AND ended IS NOT DISTINCT FROM $8::jsonb`,
      [sessionId, channel, status, chunkCount, sizeBytes, sha256, object, end ? JSON.stringify(end) : null],
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
    return read(await this.query(`SELECT ${columns} FROM recording WHERE ${condition} ORDER BY channel`, values));
  }

  private async changed(change: string, values: unknown[]): Promise<RecordingToStore[]> {
    const rows = await this.query(
      `WITH changed AS (UPDATE recording ${change} RETURNING *) SELECT ${columns} FROM changed`,
      values,
    );
    return read(rows);
  }

  private query(statement: string, values: unknown[] = []): Promise<unknown> {
    return this.database.manager.query(statement, values);
  }
}

function read(rows: unknown): RecordingToStore[] {
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
    ...(row.ended && { end: row.ended }),
  }));
}
