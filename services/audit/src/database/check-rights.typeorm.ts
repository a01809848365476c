import type { Database } from '@sallyport/postgres';
import { z } from 'zod';

const Row = z.tuple([z.object({ version: z.string().nullable(), may_change: z.boolean().nullable() })]);

/**
 * Refuses to work on tables that are not there yet, and with rights that the service must not have.
 * @throws Error that says what to do
 */
export async function checkRights(database: Database, version: string): Promise<void> {
  const absent = 'the tables are missing or of an older version: run `node dist/migrate.js` first';
  const rows: unknown = await database.manager
    .query(
      `SELECT (SELECT max(name) FROM migrations WHERE name = $1) AS version,
              has_table_privilege('event', 'UPDATE, DELETE, TRUNCATE')
                OR pg_has_role((SELECT relowner FROM pg_class WHERE oid = 'event'::regclass), 'MEMBER') AS may_change`,
      [version],
    )
    .catch((cause: unknown) => {
      throw new Error(absent, { cause });
    });
  const [{ version: found, may_change }] = Row.parse(rows);
  if (found === null) throw new Error(absent);
  if (may_change !== false)
    throw new Error(
      'the role in POSTGRES_URL may change or remove events: give the service a role of its own (services/audit/README.md)',
    );
}
