import type { Secret } from '@sallyport/secret';
import type { EntitySchema, MigrationInterface, MixedList } from 'typeorm';
import { DataSource } from 'typeorm';

export interface DataSourceSettings {
  url: Secret<string>;
  entities: MixedList<(new () => object) | EntitySchema>;
  /** One class a step; the 13 digits at the end of its name give the order. */
  migrations: (new () => MigrationInterface)[];
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** Connections of this process at most; 10 unless told. All replicas together must fit the server's limit. */
  poolSize?: number;
  /** Any statement is cut off after this time; 10 seconds unless told. */
  statementTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** A transaction that waits for something else, such as the audit stream, gives its locks back after this time. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
const DEFAULT_STATEMENT_TIMEOUT_MS = 10_000;

/**
 * A data source that is not connected yet. The tables are made by migrations alone, and no statement, with the values it
 * carries, is ever logged.
 */
export function createDataSource(settings: DataSourceSettings): DataSource {
  const statementTimeoutMs = settings.statementTimeoutMs ?? DEFAULT_STATEMENT_TIMEOUT_MS;
  return new DataSource({
    type: 'postgres',
    url: settings.url.expose(),
    entities: settings.entities,
    migrations: settings.migrations,
    migrationsTableName: 'migrations',
    applicationName: settings.applicationName,
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
    logging: false,
    poolSize: settings.poolSize ?? 10,
    /** Also how long a query waits for a free connection of the pool. */
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    extra: {
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      /** On our side, for a server that has gone without a word. */
      query_timeout: statementTimeoutMs + 1_000,
      keepAlive: true,
    },
  });
}
