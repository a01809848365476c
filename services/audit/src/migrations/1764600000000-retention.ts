import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Months of events may go when they are old: the owner of the tables says how old, and the log must have said so before. */
export class Retention1764600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- With writers that take turns the order of storing is then that of sequences: months do not interleave.
      ALTER TABLE event ALTER COLUMN stored_at SET DEFAULT clock_timestamp();

      -- No row: events are kept for ever. Written by the owner of the tables alone.
      CREATE TABLE retention (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        months int NOT NULL CHECK (months >= 1)
      );
      CREATE TABLE dropped_month (
        month text PRIMARY KEY,
        first_sequence bigint NOT NULL,
        last_sequence bigint NOT NULL,
        dropped_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dropped_month
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

      -- Months that are over for as long as events are kept, oldest first, up to the first one that the log still needs:
      -- the tree must have all their hashes in complete tiles, and a checkpoint must cover them.
      CREATE FUNCTION due_event_months() RETURNS TABLE (month text, first_sequence bigint, last_sequence bigint)
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      DECLARE
        keep int := (SELECT months FROM public.retention);
        held bigint := least((SELECT 256 * (max(index) + 1) FROM public.tree_tile WHERE level = 0),
                             (SELECT max(size) FROM public.checkpoint));
        part name;
      BEGIN
        FOR part IN SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid
                     WHERE inhparent = 'public.event'::regclass ORDER BY relname LOOP
          month := replace(substr(part, length('event_') + 1), '_', '-');
          EXIT WHEN keep IS NULL
            OR to_date(month, 'YYYY-MM') + make_interval(months => keep + 1) > now() AT TIME ZONE 'UTC';
          EXECUTE format('SELECT min(sequence), max(sequence) FROM public.%I', part) INTO first_sequence, last_sequence;
          CONTINUE WHEN last_sequence IS NULL;
          EXIT WHEN last_sequence > held OR last_sequence >= (SELECT max(sequence) FROM public.event);
          RETURN NEXT;
        END LOOP;
      END $$;

      -- What the service, which may remove no event, calls: the oldest month that is due, and that the log has announced.
      CREATE FUNCTION drop_event_month(wanted text) RETURNS void LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
      DECLARE
        due record;
      BEGIN
        SELECT * INTO due FROM public.due_event_months() LIMIT 1;
        IF due.month IS DISTINCT FROM wanted THEN
          RAISE EXCEPTION 'the events of % are not due', wanted USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NOT EXISTS (SELECT FROM public.event WHERE type = 'io.sallyport.audit-log.pruned.v1'
             AND source = '/sallyport/audit' AND body::json #>> '{data,month}' = wanted
             AND body::json #>> '{data,lastSequence}' = due.last_sequence::text) THEN
          RAISE EXCEPTION 'the log does not say that the events of % go', wanted USING ERRCODE = 'insufficient_privilege';
        END IF;
        INSERT INTO public.dropped_month VALUES (due.month, due.first_sequence, due.last_sequence);
        EXECUTE format('DROP TABLE public.%I', 'event_' || replace(wanted, '-', '_'));
      END $$;
      REVOKE ALL ON FUNCTION due_event_months(), drop_event_month(text) FROM PUBLIC;
    `);
  }

  async down(): Promise<void> {
    await Promise.reject(new Error('migrations go forward only'));
  }
}
