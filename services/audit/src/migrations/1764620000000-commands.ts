import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was run: of commands as given, and of terminals as their screen showed it. */
export class Commands1764620000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE command (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        session_id uuid NOT NULL,
        channel int NOT NULL,
        -- 0: as given; from 1 on: of the screen
        number int NOT NULL,
        user_id uuid NOT NULL,
        at timestamptz NOT NULL,
        text text NOT NULL,
        UNIQUE (session_id, channel, number)
      );
      CREATE INDEX command_by_user ON command (user_id, id);
      CREATE INDEX command_by_text ON command USING gin (text gin_trgm_ops);
      CREATE INDEX command_by_time ON command (at);
      CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON command
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

      -- Recordings whose commands nobody has read yet.
      CREATE TABLE unread_recording (
        session_id uuid NOT NULL,
        channel int NOT NULL,
        user_id uuid NOT NULL,
        object text NOT NULL,
        attempts int NOT NULL DEFAULT 0,
        retry_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (session_id, channel)
      );

      -- Commands are kept no longer than the events of their time.
      CREATE FUNCTION forget_commands() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
      BEGIN
        DELETE FROM public.command
         WHERE at < (to_date(NEW.month, 'YYYY-MM') + interval '1 month') AT TIME ZONE 'UTC';
        RETURN NULL;
      END $$;
      CREATE TRIGGER forget_commands AFTER INSERT ON dropped_month FOR EACH ROW EXECUTE FUNCTION forget_commands();
    `);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('migrations go forward only'));
  }
}
