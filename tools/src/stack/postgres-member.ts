import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { canEnter, describeExit, postgresPrograms, startPostgres } from '@sallyport/testing';
import type { PostgresServer } from '@sallyport/testing';
import { Failure, say } from '../../progress.mjs';
import type { StateFolder } from '../state/state-folder.js';
import type { Member } from '../supervisor/member.js';
import { randomId, randomPassword } from '../state/random.js';

/** The databases, and for each the one account that may connect to it; both have the same name. */
export const databases = ['asset', 'audit'] as const;
/** The service `audit` connects as this one, which can add events and take none back; `audit` owns the tables. */
export const auditServiceRole = 'audit_service';
export type Database = (typeof databases)[number];

/** The PostgreSQL server that keeps the data of `asset` and `audit`. */
export class PostgresMember implements Member {
  readonly name = 'postgresql';
  #server: PostgresServer | undefined;

  constructor(private readonly state: StateFolder) {}

  async start(): Promise<void> {
    if (this.#server) {
      await this.#server.restart();
      return;
    }
    const password = this.state.secret('postgres-superuser', randomPassword);
    const dataDir = await this.#dataDir();
    try {
      this.#server = await startPostgres({ dataDir, password, logFile: this.state.log('postgresql') });
    } catch (cause) {
      const details = cause instanceof Error ? cause.message : '';
      throw new Failure('PostgreSQL did not start.', { cause, details });
    }
    for (const name of databases) await this.#prepare(this.#server, name);
    await this.#ensureAccount(this.#server, auditServiceRole);
    await this.#server.query(`GRANT CONNECT ON DATABASE audit TO ${auditServiceRole}`);
  }

  async ended(): Promise<string> {
    const exit = await this.#server?.exited();
    return exit ? describeExit(exit) : 'never started';
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  /** `postgres://…` for the database's own account, or for another that may connect to it. */
  url(database: Database, account: string = database): string {
    if (!this.#server) throw new Error('PostgreSQL has not been started');
    return `postgres://${account}:${this.#password(account)}@127.0.0.1:${this.#server.port}/${database}`;
  }

  #password(account: string): string {
    return this.state.secret(`postgres-${account}`, randomPassword);
  }

  /** The password is of letters and digits, so it needs no quoting. */
  async #prepare(server: PostgresServer, name: Database): Promise<void> {
    await this.#ensureAccount(server, name);
    const existing = await server.query(`SELECT 1 FROM pg_database WHERE datname = '${name}'`);
    if (existing.length === 0) await server.query(`CREATE DATABASE ${name} OWNER ${name}`);
    await server.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  }

  async #ensureAccount(server: PostgresServer, name: string): Promise<void> {
    const roles = await server.query(`SELECT 1 FROM pg_roles WHERE rolname = '${name}'`);
    const verb = roles.length === 0 ? 'CREATE' : 'ALTER';
    await server.query(`${verb} ROLE ${name} LOGIN PASSWORD '${this.#password(name)}'`);
  }

  /** As root, PostgreSQL runs as another account, which cannot reach a state folder below /root, say. */
  async #dataDir(): Promise<string> {
    const { owner } = await postgresPrograms();
    if (!owner || (await canEnter(owner, this.state.path))) return join(this.state.path, 'postgresql');
    const dir = `/var/lib/sallyport/${this.state.secret('installation', randomId)}`;
    mkdirSync(dir, { recursive: true, mode: 0o755 });
    say(`the account of PostgreSQL may not enter ${this.state.path}, so its data is in ${dir}`);
    return join(dir, 'postgresql');
  }
}
