import { createHash } from 'node:crypto';
import pg from 'pg';

/** Rows of one statement, all in one transaction. */
const chunkRows = 100_000;
/** What the service's writers take turns at. */
const writerLock = 0x4c_4f_47_57;
/** The log has been filled over this time. */
const days = 330;
/** Users and hosts of an organisation that has millions of events. */
const [users, hosts] = [2_000, 5_000];
/** Events of a session. */
const perSession = 8;

/**
 * Events as sessions leave them, put at the end of the log as the owner of its tables can: the same rows as the service writes,
 * but stored in the months before this one, so that there are a dozen partitions. The service notices, and makes the tree over
 * them.
 * @param onRows told of the number of rows so far
 */
export async function fillLog(ownerUrl: string, count: number, onRows: (rows: number) => void): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(setUp);
    for (let month = 0; month * 28 <= days + 28; month += 1)
      await client.query(`SELECT ensure_event_partition(now() - interval '${month * 28} days')`);
    for (let first = 0; first < count; first += chunkRows) {
      const last = Math.min(first + chunkRows, count) - 1;
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock($1)', [writerLock]);
      await client.query(insertRows, [first, last, (days * 86_400) / count]);
      await client.query('COMMIT');
      onRows(last + 1);
    }
    await client.query('ANALYZE event');
    await client.query('ANALYZE session');
  } finally {
    await client.end();
  }
}

/** Ids that can be told from a number, at random places of an index as real ones are; version 4 in form. */
const setUp = `
  SET synchronous_commit = off;
  CREATE FUNCTION pg_temp.made_id(name text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (substr(h, 1, 12) || '4' || substr(h, 14, 3) || '8' || substr(h, 18))::uuid FROM md5(name) AS h $$;
`;

/** $1 to $2: numbers of the rows, from 0; $3: seconds from one to the next. */
const insertRows = `
  WITH numbered AS MATERIALIZED (
    SELECT n + 1 + (SELECT coalesce(max(sequence), 0) FROM event) - $1::bigint AS sequence, gen_random_uuid() AS id,
           now() - interval '${days} days' + n * $3::float8 * interval '1 second' AS at,
           pg_temp.made_id('session ' || n / ${perSession}) AS session_id,
           pg_temp.made_id('user ' || (n / ${perSession} * 7919) % ${users}) AS user_id,
           pg_temp.made_id('host ' || (n / ${perSession} * 104729) % ${hosts}) AS host_id,
           pg_temp.made_id('account ' || (n / ${perSession} * 104729) % ${hosts}) AS account_id,
           'acs/ecs/' || (n / ${perSession} * 104729) % ${hosts} AS secret_name, 'v' || n / 100000 AS version,
           (ARRAY['session.opened', 'credential.prepared', 'channel.opened', 'channel.closed', 'channel.opened',
                  'file.written', 'channel.closed', 'session.closed'])[n % ${perSession} + 1] AS name, n
      FROM generate_series($1::bigint, $2::bigint) AS n
  ), with_data AS MATERIALIZED (
    SELECT *, CASE name WHEN 'channel.opened' THEN 'systemctl status unit-' || n % 997 END AS command
      FROM numbered
  ), with_body AS MATERIALIZED (
    SELECT *, json_build_object('specversion', '1.0', 'id', id, 'type', 'io.sallyport.' || name || '.v1',
             'source', '/sallyport/session', 'subject', session_id,
             'time', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'datacontenttype', 'application/json',
             'data', json_build_object('sessionId', session_id, 'userId', user_id, 'username', 'someone', 'clientAddress',
               '192.0.2.7', 'hostId', host_id, 'accountId', account_id, 'hostName', 'web', 'secretName', secret_name,
               'secretVersionId', version, 'command', command))::text AS body
      FROM with_data
  ), hashed AS MATERIALIZED (
    SELECT *, sha256('\\x00'::bytea || convert_to(body, 'UTF8')) AS leaf_hash FROM with_body
  ), ids AS (
    INSERT INTO event_id SELECT id, leaf_hash FROM hashed
  ), sessions AS (
    INSERT INTO session (id, opened_sequence, opened_at, user_id, username, client_address, host_id, host_name, account_id,
                         account_name, closed_sequence, closed_at, close_reason)
    SELECT session_id, sequence, at, user_id, 'someone', '192.0.2.7', host_id, 'web', account_id, 'root',
           sequence + ${perSession - 1}, at, 'client-left'
      FROM hashed WHERE name = 'session.opened'
  )
  INSERT INTO event (sequence, id, type, source, subject, time, session_id, user_id, host_id, account_id, secret_name,
                     secret_version_id, command, body, leaf_hash, stored_at)
  SELECT sequence, id, 'io.sallyport.' || name || '.v1', '/sallyport/session', session_id::text, at, session_id, user_id,
         CASE WHEN n % ${perSession} < 2 THEN host_id END, CASE WHEN n % ${perSession} < 2 THEN account_id END,
         CASE WHEN n % ${perSession} = 1 THEN secret_name END, CASE WHEN n % ${perSession} < 2 THEN version END,
         command, body, leaf_hash, at
    FROM hashed ORDER BY sequence
`;

/** As `made_id` above. */
const madeId = (name: string): string =>
  createHash('md5')
    .update(name)
    .digest('hex')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.*)$/, '$1-$2-4$3-8$4-$5');
/** Somebody of a log that was filled with so many events. */
export const madeSession = (count: number): string =>
  madeId(`session ${Math.floor((Math.random() * count) / perSession)}`);
export const madeUser = (): string => madeId(`user ${Math.floor(Math.random() * users)}`);
