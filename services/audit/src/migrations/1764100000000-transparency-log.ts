import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Events by month, the tree over them and its checkpoints, and what more they can be found by. */
export class TransparencyLog1764100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE EXTENSION IF NOT EXISTS pg_trgm;
      ALTER TABLE event RENAME TO event_before;
      ALTER INDEX event_pkey RENAME TO event_before_pkey;
      ALTER INDEX event_type RENAME TO event_before_type;
      ALTER INDEX event_subject RENAME TO event_before_subject;
      ALTER INDEX event_session RENAME TO event_before_session;
      ALTER INDEX event_user RENAME TO event_before_user;
      ALTER INDEX event_actor RENAME TO event_before_actor;
      ALTER INDEX event_time RENAME TO event_before_time;

      CREATE TABLE event (
        sequence bigint NOT NULL,
        id uuid NOT NULL,
        type text NOT NULL,
        source text NOT NULL,
        subject text,
        time timestamptz NOT NULL,
        session_id uuid,
        user_id uuid,
        actor_id uuid,
        host_id uuid,
        account_id uuid,
        secret_name text,
        secret_version_id text,
        command text,
        -- the text as published, byte for byte, and SHA-256(0x00 || body): the leaf of the tree
        body text NOT NULL,
        leaf_hash bytea NOT NULL,
        stored_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (sequence, stored_at)
      ) PARTITION BY RANGE (stored_at);
      CREATE INDEX event_type ON event (type text_pattern_ops, sequence);
      -- the subject of nearly all events is their session, which has an index of its own
      CREATE INDEX event_subject ON event (subject, sequence) WHERE subject IS DISTINCT FROM session_id::text;
      CREATE INDEX event_session ON event (session_id, sequence) WHERE session_id IS NOT NULL;
      CREATE INDEX event_user ON event (user_id, sequence) WHERE user_id IS NOT NULL;
      CREATE INDEX event_actor ON event (actor_id, sequence) WHERE actor_id IS NOT NULL;
      CREATE INDEX event_host ON event (host_id, sequence) WHERE host_id IS NOT NULL;
      CREATE INDEX event_account ON event (account_id, sequence) WHERE account_id IS NOT NULL;
      CREATE INDEX event_secret ON event (secret_name, sequence) WHERE secret_name IS NOT NULL;
      CREATE INDEX event_secret_version ON event (secret_version_id, sequence) WHERE secret_version_id IS NOT NULL;
      CREATE INDEX event_command ON event USING gin (command gin_trgm_ops) WHERE command IS NOT NULL;
      CREATE INDEX event_time ON event USING brin (time) WITH (pages_per_range = 32);
      CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON event
        FOR EACH ROW EXECUTE FUNCTION refuse_change();
      CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON event
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

      -- A month of events, UTC. Its name is event_YYYY_MM.
      CREATE FUNCTION ensure_event_partition(moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE
        first timestamptz := date_trunc('month', moment, 'UTC');
        name text := 'event_' || to_char(first AT TIME ZONE 'UTC', 'YYYY_MM');
      BEGIN
        IF to_regclass('public.' || name) IS NOT NULL THEN RETURN; END IF;
        EXECUTE format('CREATE TABLE public.%I PARTITION OF public.event FOR VALUES FROM (%L) TO (%L)',
          name, first, (first AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC');
        EXECUTE format('CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON public.%I
          FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()', name);
      END $$;
      -- What the service, which may make no table, calls: this month's and the next one's.
      CREATE FUNCTION ensure_event_partitions() RETURNS void LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      BEGIN
        PERFORM public.ensure_event_partition(now());
        PERFORM public.ensure_event_partition(now() + interval '1 month');
      END $$;
      REVOKE ALL ON FUNCTION ensure_event_partition(timestamptz), ensure_event_partitions() FROM PUBLIC;

      -- Every id that was ever stored, with the hash of its event: partitions cannot tell, and may be gone.
      CREATE TABLE event_id (id uuid PRIMARY KEY, leaf_hash bytea NOT NULL);

      -- Complete tiles of the tree: 256 hashes of level 8 * level, and what they come to.
      CREATE TABLE tree_tile (
        level smallint NOT NULL,
        index bigint NOT NULL,
        root bytea NOT NULL,
        hashes bytea NOT NULL,
        PRIMARY KEY (level, index)
      );
      ALTER TABLE tree_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

      -- Signed notes (C2SP tlog-checkpoint).
      CREATE TABLE checkpoint (
        size bigint PRIMARY KEY,
        root bytea NOT NULL,
        note text NOT NULL,
        made_at timestamptz NOT NULL DEFAULT now()
      );
    `);
    for (const table of ['event_id', 'tree_tile', 'checkpoint'])
      await runner.query(`CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`);
    await runner.query(`
      SELECT ensure_event_partition(month) FROM (SELECT DISTINCT date_trunc('month', stored_at, 'UTC') AS month
        FROM event_before) AS months;
      SELECT ensure_event_partitions();
      INSERT INTO event (sequence, id, type, source, subject, time, session_id, user_id, actor_id, host_id, account_id,
                         secret_name, secret_version_id, command, body, leaf_hash, stored_at)
      SELECT sequence, id, type, source, subject, time, session_id, user_id, actor_id,
             CASE WHEN data->>'hostId' ~ '^[0-9a-f-]{36}$' THEN (data->>'hostId')::uuid END,
             CASE WHEN data->>'accountId' ~ '^[0-9a-f-]{36}$' THEN (data->>'accountId')::uuid END,
             data->>'secretName', data->>'secretVersionId',
             CASE WHEN type LIKE 'io.sallyport.channel.%' THEN data->>'command' END,
             body, sha256('\\x00'::bytea || convert_to(body, 'UTF8')), stored_at
        FROM (SELECT *, body::json->'data' AS data FROM event_before) AS before;
      INSERT INTO event_id SELECT id, leaf_hash FROM event;
      DROP TABLE event_before;
    `);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('migrations go forward only'));
  }
}
