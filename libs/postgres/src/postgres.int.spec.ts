import { Secret } from '@sallyport/secret';
import type { PostgresServer } from '@sallyport/testing';
import { startPostgres } from '@sallyport/testing';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createDataSource, Database, runMigrations, violatedConstraint } from './index.js';

class CreateHosts1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE host (name text CONSTRAINT host_name_unique UNIQUE)');
  }
  async down(): Promise<void> {
    await Promise.reject(new Error('migrations go forward only'));
  }
}
class Break1700000000001 extends CreateHosts1700000000000 {
  override async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE host ADD COLUMN port int');
    await runner.query('ALTER TABLE nowhere ADD COLUMN port int');
  }
}

class TakeYourTime1700000000001 extends CreateHosts1700000000000 {
  override async up(runner: QueryRunner): Promise<void> {
    await runner.query('SELECT pg_sleep(2)');
  }
}

let server: PostgresServer;
let count = 0;
const open: DataSource[] = [];
beforeAll(async () => {
  server = await startPostgres();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((dataSource) => dataSource.destroy()));
});
afterAll(() => server.stop());

const freshUrl = async (): Promise<Secret<string>> => Secret.of(await server.createDatabase(`test_${(count += 1)}`));
async function connect(
  url: Secret<string>,
  migrations: (new () => MigrationInterface)[] = [CreateHosts1700000000000],
  statementTimeoutMs = 60_000,
): Promise<DataSource> {
  const dataSource = createDataSource({
    url,
    entities: [],
    migrations,
    applicationName: 'postgres-test',
    statementTimeoutMs,
  });
  open.push(await dataSource.initialize());
  return dataSource;
}
const names = async (dataSource: DataSource): Promise<unknown> =>
  dataSource.query('SELECT name FROM host ORDER BY name');

test('replicas that start together run each migration once', async () => {
  const url = await freshUrl();
  const replicas = await Promise.all([connect(url), connect(url), connect(url)]);
  const ran = await Promise.all(replicas.map(runMigrations));
  expect(ran.flat()).toEqual(['CreateHosts1700000000000']);
  expect(await names(replicas[0])).toEqual([]);
});

test('a migration that fails leaves the tables as they were, also those of the steps before it', async () => {
  const url = await freshUrl();
  const broken = await connect(url, [CreateHosts1700000000000, Break1700000000001]);
  await expect(runMigrations(broken)).rejects.toThrow(/nowhere/);
  await expect(names(broken)).rejects.toThrow(/host/);
  expect(await runMigrations(await connect(url))).toEqual(['CreateHosts1700000000000']);
});

test('a migration may take longer than other statements', async () => {
  const slow = await connect(await freshUrl(), [CreateHosts1700000000000, TakeYourTime1700000000001], 1_000);
  expect(await runMigrations(slow)).toHaveLength(2);
});

test('a transaction is seen by others only when its work has ended, and never when it failed', async () => {
  const dataSource = await connect(await freshUrl());
  await runMigrations(dataSource);
  const database = new Database(dataSource);
  await database.transaction(async () => {
    await database.manager.query("INSERT INTO host VALUES ('web-1')");
    expect(await names(dataSource)).toEqual([]);
    await database.transaction(() => database.manager.query("INSERT INTO host VALUES ('web-2')"));
    expect(await names(dataSource)).toEqual([]);
  });
  expect(await names(dataSource)).toEqual([{ name: 'web-1' }, { name: 'web-2' }]);

  const failing = database.transaction(async () => {
    await database.manager.query("INSERT INTO host VALUES ('web-3')");
    throw new Error('no record, no act');
  });
  await expect(failing).rejects.toThrow('no record, no act');
  expect(await names(dataSource)).toEqual([{ name: 'web-1' }, { name: 'web-2' }]);
});

test('names the constraint that a statement ran against', async () => {
  const dataSource = await connect(await freshUrl());
  await runMigrations(dataSource);
  await dataSource.query("INSERT INTO host VALUES ('web-1')");
  const failure: unknown = await dataSource.query("INSERT INTO host VALUES ('web-1')").catch((error: unknown) => error);
  expect(violatedConstraint(failure)).toBe('host_name_unique');
  const other: unknown = await dataSource.query('SELECT 1/0').catch((error: unknown) => error);
  expect(violatedConstraint(other)).toBeUndefined();
});

test('a statement has a time limit', async () => {
  const dataSource = await connect(await freshUrl(), [], 1_000);
  await expect(dataSource.query('SELECT pg_sleep(30)')).rejects.toThrow(/statement timeout/);
});

test('the check fails while the server is away and passes when it is back', async () => {
  const database = new Database(await connect(await freshUrl()));
  await database.check();
  await server.kill();
  await expect(database.check()).rejects.toThrow();
  await server.restart();
  await database.check();
});
