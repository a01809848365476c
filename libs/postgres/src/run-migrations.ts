import { DataSource, MigrationExecutor } from 'typeorm';

/** Any number that nobody else locks in our databases; "SALY" in ASCII. */
const LOCK = 0x53_41_4c_59;
/** For a migration of a large table, and for the wait of all other replicas until it is done. */
const TIMEOUT_MS = 300_000;

/**
 * Brings the tables up to date, in one transaction: all pending migrations or none. Replicas that start together take
 * turns, and all but the first find nothing to do.
 *
 * @param dataSource says which database and which migrations; its connections, whose statements have short limits, are
 *   not used
 * @returns the names of the migrations that ran
 */
export async function runMigrations(dataSource: DataSource): Promise<string[]> {
  const { options } = dataSource;
  if (options.type !== 'postgres') throw new Error('not a PostgreSQL data source');
  const limits = { statement_timeout: TIMEOUT_MS, query_timeout: TIMEOUT_MS + 1_000 };
  const migrator = new DataSource({ ...options, poolSize: 1, extra: { ...options.extra, ...limits } as object });
  await migrator.initialize();
  try {
    return await runAll(migrator);
  } finally {
    await migrator.destroy();
  }
}

async function runAll(migrator: DataSource): Promise<string[]> {
  const runner = migrator.createQueryRunner();
  try {
    await runner.startTransaction();
    await runner.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
    const done = await new MigrationExecutor(migrator, runner).executePendingMigrations();
    await runner.commitTransaction();
    return done.map((migration) => migration.name);
  } catch (error) {
    // A connection that is gone cannot roll back; what went wrong first is what counts.
    await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  } finally {
    await runner.release();
  }
}
