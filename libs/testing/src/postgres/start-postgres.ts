import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { ServerProcess } from '../server-process.js';
import type { Exit } from '../server-process.js';
import { freePort } from '../free-port.js';
import { tempDir } from '../temp-dir.js';
import { waitFor } from '../wait-for.js';
import { makeDataFolder } from './make-data-folder.js';
import { postgresPrograms } from './postgres-programs.js';

export interface PostgresOptions {
  /** The data folder; a temporary one unless told. A second start takes up what is there. */
  dataDir?: string;
  /** Any free one unless told; a restart keeps it. */
  port?: number;
  /** Of the superuser `postgres`; random unless told. A data folder keeps the one it was made with. */
  password?: string;
  /** True writes nothing through to the disk, which is fast and right for tests only. True without `dataDir`. */
  volatile?: boolean;
  logFile?: string;
}

/** The processes of a server that was killed a moment ago may still be about to end, and hold its folder until then. */
const HELD_TIMEOUT_MS = 30_000;
const isHeld = (log: string): boolean => /pre-existing shared memory|"postmaster.pid" already exists/.test(log);

/** A running PostgreSQL server, on loopback. */
export interface PostgresServer {
  readonly port: number;
  /** The database `postgres`, as its superuser. */
  readonly adminUrl: string;
  /** Makes an empty database and returns its URL, with the superuser's rights. */
  createDatabase(name: string): Promise<string>;
  /** Runs one statement as the superuser, in the database `postgres` unless told. */
  query(statement: string, database?: string): Promise<Record<string, unknown>[]>;
  /** The "fast shutdown": clients are cut off, data is complete. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL. */
  kill(): Promise<void>;
  /** Starts it on the same port with the same data; stops it first if it runs. */
  restart(): Promise<void>;
  log(): readonly string[];
  /** Settles when the process that runs now ends, whoever ended it. */
  exited(): Promise<Exit>;
}

/** @throws Error when PostgreSQL is not installed, or is not ready within 60 seconds */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const programs = await postgresPrograms();
  const dataDir = options.dataDir ?? join(tempDir(0o755), 'data');
  const volatile = options.volatile ?? options.dataDir === undefined;
  const password = options.password ?? randomBytes(18).toString('base64url');
  const port = options.port ?? (await freePort());
  await makeDataFolder(programs, dataDir, password);

  const url = (database: string): string => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  let server: ServerProcess;
  const startOnce = async (): Promise<void> => {
    server = new ServerProcess(programs.postgres, ['-D', dataDir, ...settings(port, volatile)], {
      cwd: '/',
      ...programs.owner,
      ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
    });
    await ready(server, url('postgres'));
  };
  const start = async (): Promise<void> => {
    const deadline = Date.now() + HELD_TIMEOUT_MS;
    for (;;) {
      try {
        await startOnce();
        return;
      } catch (error) {
        if (!isHeld(server.tail()) || Date.now() > deadline) throw error;
        await pause(200);
      }
    }
  };
  /** SIGINT is PostgreSQL's "fast shutdown"; SIGTERM would wait for clients. */
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    await server.stop({ signal, graceMs: 20_000 });
  };
  const query: PostgresServer['query'] = (statement, database = 'postgres') => queryOnce(url(database), statement);
  await start();
  return {
    port,
    adminUrl: url('postgres'),
    query,
    createDatabase: async (name) => {
      await query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
      return url(name);
    },
    stop: () => stop('SIGINT'),
    kill: () => stop('SIGKILL'),
    restart: async () => {
      await stop('SIGINT');
      await start();
    },
    log: () => server.lines,
    exited: () => server.exited,
  };
}

function settings(port: number, volatile: boolean): string[] {
  const pairs: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '64MB',
    ...(volatile ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  return Object.entries(pairs).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function ready(server: ServerProcess, url: string): Promise<void> {
  try {
    await waitFor(async () => !server.running || (await queryOnce(url, 'SELECT 1')), {
      timeoutMs: 60_000,
      what: 'PostgreSQL to answer',
    });
    if (!server.running) throw new Error('PostgreSQL ended at once');
  } catch (cause) {
    await server.stop({ signal: 'SIGKILL' });
    throw new Error(`PostgreSQL did not start: ${server.tail()}`, { cause });
  }
}

async function queryOnce(connectionString: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 20_000 });
  client.on('error', () => undefined); // the server may end under us; the query says so itself
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return rows;
  } finally {
    await client.end();
  }
}
