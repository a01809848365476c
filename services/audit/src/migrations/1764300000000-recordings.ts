import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Recordings: those that go on, and those that are in the store. */
export class Recordings1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE recording (
        session_id uuid NOT NULL,
        channel int NOT NULL,
        user_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('terminal', 'excerpt')),
        status text NOT NULL DEFAULT 'recording' CHECK (status IN ('recording', 'complete', 'lost')),
        started_at timestamptz NOT NULL,
        -- the session process that records it, and when it last said that it lives
        replica uuid NOT NULL,
        seen_at timestamptz NOT NULL DEFAULT now(),
        -- still in the stream as well
        in_stream boolean NOT NULL DEFAULT true,
        chunk_count int,
        size_bytes bigint,
        sha256 text,
        stored_at timestamptz,
        object text,
        PRIMARY KEY (session_id, channel)
      );
      CREATE INDEX recording_in_stream ON recording (replica) WHERE in_stream;
    `);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('migrations go forward only'));
  }
}
