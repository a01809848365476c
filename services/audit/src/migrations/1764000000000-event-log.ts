import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The log, what was no event, and the sessions that follow from the log. */
export class EventLog1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE event (
        sequence bigint PRIMARY KEY,
        id uuid NOT NULL CONSTRAINT event_id_unique UNIQUE,
        type text NOT NULL,
        source text NOT NULL,
        subject text,
        time timestamptz NOT NULL,
        session_id uuid,
        user_id uuid,
        actor_id uuid,
        -- the text as published, byte for byte: what is hashed
        body text NOT NULL,
        stored_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX event_type ON event (type text_pattern_ops, sequence);
      CREATE INDEX event_subject ON event (subject, sequence) WHERE subject IS NOT NULL;
      CREATE INDEX event_session ON event (session_id, sequence) WHERE session_id IS NOT NULL;
      CREATE INDEX event_user ON event (user_id, sequence) WHERE user_id IS NOT NULL;
      CREATE INDEX event_actor ON event (actor_id, sequence) WHERE actor_id IS NOT NULL;
      CREATE INDEX event_time ON event (time);

      CREATE TABLE malformed_message (
        stream_sequence bigint NOT NULL,
        digest bytea NOT NULL,
        subject text NOT NULL,
        reason text NOT NULL,
        data bytea NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (stream_sequence, digest)
      );

      -- Whoever may write a row, the owner of the table included, may not change or remove one.
      CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
      END $$;
      CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
      CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON malformed_message
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

      -- Opening and closing come in any order; a row without an opening is not shown yet.
      CREATE TABLE session (
        id uuid PRIMARY KEY,
        opened_sequence bigint UNIQUE,
        opened_at timestamptz,
        user_id uuid,
        username text,
        client_address text,
        host_id uuid,
        host_name text,
        account_id uuid,
        account_name text,
        closed_sequence bigint UNIQUE,
        closed_at timestamptz,
        close_reason text
      );
      CREATE INDEX session_by_user ON session (user_id, opened_sequence);
      CREATE INDEX session_by_activity ON session (opened_sequence) WHERE closed_sequence IS NULL;
    `);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('migrations go forward only'));
  }
}
