import { expect, test } from 'vitest';
import { startPostgres } from './start-postgres.js';
import { tempDir } from '../temp-dir.js';
import { join } from 'node:path';
import pg from 'pg';

test('makes databases and keeps them over a restart and a kill', async () => {
  const postgres = await startPostgres();
  const connectionString = await postgres.createDatabase('hosts and accounts');
  const insert = new pg.Client({ connectionString });
  await insert.connect();
  await insert.query('CREATE TABLE host (name text)');
  await insert.query("INSERT INTO host VALUES ('web-1')");
  await insert.end();

  await postgres.restart();
  expect(await postgres.query('SELECT name FROM host', 'hosts and accounts')).toEqual([{ name: 'web-1' }]);
  await postgres.kill();
  await postgres.restart();
  expect(await postgres.query('SELECT name FROM host', 'hosts and accounts')).toEqual([{ name: 'web-1' }]);
  await postgres.stop();
  await expect(postgres.query('SELECT 1')).rejects.toThrow();
});

test('takes up the data folder of an earlier start', async () => {
  const dataDir = join(tempDir(0o755), 'data');
  const first = await startPostgres({ dataDir, password: 'correct horse' });
  await first.createDatabase('kept');
  await first.stop();
  const second = await startPostgres({ dataDir, password: 'correct horse', volatile: true });
  expect(await second.query("SELECT datname FROM pg_database WHERE datname = 'kept'")).toHaveLength(1);
  await second.stop();
});
