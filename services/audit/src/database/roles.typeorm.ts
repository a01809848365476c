import type { DataSource } from 'typeorm';

/** What the service's own role may do: it adds to the log and reads it, and can take nothing back. */
const rights: readonly [string, string][] = [
  ['SELECT, INSERT', 'event, event_id, tree_tile, checkpoint, malformed_message, command'],
  ['SELECT, INSERT, UPDATE', 'session, session_process'],
  ['SELECT, INSERT, UPDATE, DELETE', 'subscription, dead_letter, recording, unread_recording'],
  ['SELECT', 'migrations, retention, dropped_month'],
];

/**
 * Gives the service's role its rights, and takes all others from it. Runs as the owner of the tables; safe to repeat.
 * @param role its name: lower-case letters, digits and `_`
 */
export async function grantRights(dataSource: DataSource, role: string): Promise<void> {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(role)) throw new Error('AUDIT_SERVICE_ROLE: not the name of a role');
  const [owner] = await dataSource.query<[{ name: string }]>('SELECT current_user AS name');
  if (owner.name === role) throw new Error('AUDIT_SERVICE_ROLE: the service may not have the rights of the owner');
  await dataSource.transaction(async (manager) => {
    await manager.query('SELECT pg_advisory_xact_lock(1937006964)');
    await manager.query(`REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "${role}"`);
    await manager.query(`GRANT USAGE ON SCHEMA public TO "${role}"`);
    for (const [what, tables] of rights) await manager.query(`GRANT ${what} ON ${tables} TO "${role}"`);
    await manager.query(
      `GRANT EXECUTE ON FUNCTION ensure_event_partitions(), due_event_months(), drop_event_month(text) TO "${role}"`,
    );
  });
}

/**
 * How long events are kept, at the least; undefined: for ever. Runs as the owner of the tables, since the service, which removes
 * what is older, may not say what that is. Safe to repeat.
 */
export async function setRetention(dataSource: DataSource, months: number | undefined): Promise<void> {
  if (months === undefined) await dataSource.query('DELETE FROM retention');
  else
    await dataSource.query(
      'INSERT INTO retention (months) VALUES ($1) ON CONFLICT (one) DO UPDATE SET months = excluded.months',
      [months],
    );
}
