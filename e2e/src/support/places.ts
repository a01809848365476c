import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectWithSeed } from '@sallyport/messaging/deployment';
import { Client } from 'pg';
import { home, local } from './sallyport.js';
import { readState } from './start-sallyport.js';

/** The places where a secret could be left behind, each as all of its bytes. */

/** Every message of the account, requests, replies and JetStream's own, from now to `end`. */
export async function captureMessages(): Promise<{ bytes: () => Buffer; end: () => Promise<void> }> {
  const connection = await connectWithSeed(local.nats.url, readState(home, 'secrets', 'nats-operator.seed'));
  const seen: Buffer[] = [];
  connection.subscribe('>', {
    callback: (_, message) => {
      const headers = [...(message.headers ?? [])].map(([name, values]) => `${name}: ${values.join(', ')}`);
      seen.push(Buffer.from(`${message.subject}\n${headers.join('\n')}\n`), Buffer.from(message.data));
    },
  });
  await connection.flush();
  return { bytes: () => Buffer.concat(seen), end: () => connection.close() };
}

/** All files below a folder of the state folder. */
export function filesBelow(folder: string): Buffer {
  const entries = readdirSync(join(home, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Buffer.concat(files.map((file) => readFileSync(file)));
}

/** What only time would do to a row, done at once. */
export async function runSql(name: 'asset' | 'audit', statement: string): Promise<void> {
  const client = new Client({ connectionString: readState(home, 'secrets', `postgres-url-${name}`) });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

/** Rows of the audit database, as the service itself may read them. */
export async function queryAudit(statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: readState(home, 'secrets', 'postgres-url-audit') });
  await client.connect();
  return (await client.query<Record<string, unknown>>(statement).finally(() => client.end())).rows;
}

/** Every row of every table, as text; bytes are shown in hex. Audit's own account may not read each partition. */
export async function dumpDatabase(name: 'asset' | 'audit'): Promise<Buffer> {
  const owner = name === 'audit' ? 'audit-owner' : name;
  const client = new Client({ connectionString: readState(home, 'secrets', `postgres-url-${owner}`) });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema$)'`,
    );
    const rows: string[] = [];
    for (const table of tables.rows) {
      const dump = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${table.name} AS t`);
      rows.push(table.name, ...dump.rows.map(({ row }) => row));
    }
    return Buffer.from(rows.join('\n'));
  } finally {
    await client.end();
  }
}
