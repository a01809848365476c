import type { DataSource } from 'typeorm';
import { MigrationExecutor } from 'typeorm';

/** Any number that nobody else locks in our databases; "SALY" in ASCII. */
const LOCK = 0x53_41_4c_59;
const TIMEOUT_MS = 120_000;

/**
 * Brings the tables up to date, in one transaction: all pending migrations or none. Replicas that start together take
 * turns, and all but the first find nothing to do.
 *
 * @returns the names of the migrations that ran
 */
export async function runMigrations(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    await runner.query(`SET LOCAL statement_timeout = ${TIMEOUT_MS}`);
    await runner.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
    const done = await new MigrationExecutor(dataSource, runner).executePendingMigrations();
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
