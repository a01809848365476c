import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, ServerProcess, ssh, tempDir, waitFor } from '@sallyport/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { extendedConfig, call } from './signed-request.suite.js';
import { adminOf, captured, theInstance } from './start-emulator.suite.js';
import type { Admin } from './start-emulator.suite.js';

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const SecretName = 'acs/ecs/web-01';

interface Running {
  readonly process: ServerProcess;
  readonly endpoint: string;
  readonly admin: Admin;
}

describe('the process', () => {
  const started: ServerProcess[] = [];
  afterEach(async () => {
    for (const one of started) one.signal('SIGKILL');
    await Promise.all(started.map(({ exited }) => exited));
  });

  async function start(folder: string, more: Record<string, string> = {}): Promise<Running> {
    const file = join(folder, 'access-key-secret');
    writeFileSync(file, captured.accessKeySecret, { mode: 0o600 });
    const child = new ServerProcess(process.execPath, [program], {
      env: {
        SALLYPORT_EMULATOR_STATE_DIR: join(folder, 'state'),
        SALLYPORT_EMULATOR_ACCESS_KEY_ID: captured.accessKeyId,
        SALLYPORT_EMULATOR_ACCESS_KEY_SECRET_FILE: file,
        SALLYPORT_EMULATOR_RULES: '{"quotaScale":0}',
        ...more,
      },
    });
    started.push(child);
    const line = await waitFor(() => child.lines.find((one) => one.startsWith('{"listening"')), {
      what: 'the emulator to listen',
      timeoutMs: 90_000,
    });
    const { listening } = JSON.parse(line) as { listening: { endpoint: string; regionId: string } };
    expect(listening.regionId).toBe('cn-hangzhou');
    return { process: child, endpoint: listening.endpoint, admin: adminOf(listening.endpoint) };
  }

  it('keeps what it answered, through kill -9, and its ports, keys and accounts', async () => {
    const folder = tempDir();
    const first = await start(folder);
    const { instanceId, port } = await theInstance(first.admin);
    const account = await first.admin('GET', `instances/${instanceId}/accounts/root`);
    const SecretData = JSON.stringify({ UserName: 'root', Password: account['password'] });
    await call(first.endpoint, 'CreateSecret', {
      ...{ SecretName, VersionId: 'v1', SecretType: 'ECS', SecretData },
      ExtendedConfig: extendedConfig({ InstanceId: instanceId }),
    });
    for (let number = 0; number < 20; number += 1) {
      await call(first.endpoint, 'TagResource', { SecretName, Tags: `[{"TagKey":"n","TagValue":"${number}"}]` });
    }
    const state = await first.admin('GET', 'state');
    first.process.signal('SIGKILL');
    await first.process.exited;

    const second = await start(folder);
    const again = await second.admin('GET', 'state');
    expect({ ...again, now: 0, rules: 0 }).toEqual({ ...state, now: 0, rules: 0 });
    const { body } = await call(second.endpoint, 'GetSecretValue', { SecretName });
    expect(body['SecretData']).toBe(SecretData);
    const described = await call(second.endpoint, 'DescribeSecret', { SecretName, FetchTags: 'true' });
    expect(described.body['Tags']).toEqual({ Tag: [{ TagKey: 'n', TagValue: '19' }] });
    const password = String(account['password']);
    expect((await ssh({ destination: 'root@127.0.0.1', port, password, command: 'true' })).code).toBe(0);
  });

  it('takes up a rotation that kill -9 cut off, in either order', async () => {
    for (const order of ['host-first', 'kms-first']) {
      const folder = tempDir();
      const first = await start(folder);
      const { instanceId, port } = await theInstance(first.admin);
      const account = (admin: Admin): Promise<Record<string, unknown>> =>
        admin('GET', `instances/${instanceId}/accounts/root`);
      const { password } = await account(first.admin);
      await call(first.endpoint, 'CreateSecret', {
        ...{ SecretName, VersionId: 'v1', SecretType: 'ECS' },
        SecretData: JSON.stringify({ UserName: 'root', Password: password }),
        ExtendedConfig: extendedConfig({ InstanceId: instanceId }),
      });
      await first.admin('PUT', 'rotation', { order, gapMs: 600_000 });
      await call(first.endpoint, 'RotateSecret', { SecretName, VersionId: 'v2' });
      const read = async (endpoint: string): Promise<unknown> =>
        (await call(endpoint, 'GetSecretValue', { SecretName })).body['VersionId'];
      await waitFor(
        async () => (await account(first.admin))['password'] !== password || (await read(first.endpoint)) === 'v2',
        { what: 'the first half' },
      );
      first.process.signal('SIGKILL');
      await first.process.exited;

      const second = await start(folder);
      await waitFor(async () => (await read(second.endpoint)) === 'v2', { what: 'the second half' });
      const { body } = await call(second.endpoint, 'GetSecretValue', { SecretName });
      const value = JSON.parse(String(body['SecretData'])) as { Password: string };
      await waitFor(async () => (await account(second.admin))['password'] === value.Password, { what: 'the host' });
      const logon = await ssh({ destination: 'root@127.0.0.1', port, password: value.Password, command: 'true' });
      expect(logon.code).toBe(0);
    }
  });

  it('has no credential in its log or in clear on disk, and shows its files to nobody else', async () => {
    const folder = tempDir();
    const { process: child, endpoint, admin } = await start(folder);
    const { instanceId } = await theInstance(admin);
    const root = String((await admin('GET', `instances/${instanceId}/accounts/root`))['password']);
    const deploy = String((await admin('GET', `instances/${instanceId}/accounts/deploy`))['privateKey']);
    const secret = 'a very secret value';
    const parameters = { SecretName: 'plain', VersionId: '1', SecretData: secret };
    await call(endpoint, 'CreateSecret', parameters);
    await call(endpoint, 'CreateSecret', { ...parameters, SecretName: 'bad name' });
    await call(endpoint, 'GetSecretValue', { SecretName: 'plain' });
    child.signal('SIGTERM');
    expect(await child.exited).toEqual({ code: 0, signal: null });

    const stateFolder = join(folder, 'state');
    const files = readdirSync(stateFolder).filter((name) => name.endsWith('.json'));
    expect(files.sort()).toEqual(['key-material.json', 'state.json']);
    expect(statSync(stateFolder).mode & 0o777).toBe(0o700);
    for (const name of files) expect(statSync(join(stateFolder, name)).mode & 0o777).toBe(0o600);
    const written = [...files.map((name) => readFileSync(join(stateFolder, name), 'utf8')), ...child.lines].join('\n');
    expect(written).toContain('"action":"CreateSecret"');
    for (const value of [secret, root, deploy.slice(60, 100), captured.accessKeySecret]) {
      expect(written).not.toContain(value);
    }
  });

  it('chooses another port for an instance whose port was taken meanwhile', async () => {
    const folder = tempDir();
    const first = await start(folder);
    const { port } = await theInstance(first.admin);
    first.process.signal('SIGINT');
    expect((await first.process.exited).code).toBe(0);
    const other = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    expect((other.address() as AddressInfo).port).toBe(port);
    const second = await start(folder);
    expect((await theInstance(second.admin)).port).not.toBe(port);
    other.close();
  });

  it.each([[], ['-tt']])('ends what runs on its instances when it is told to end (ssh %s)', async (...args) => {
    const folder = tempDir();
    const { process: child, admin } = await start(folder);
    const { instanceId, port } = await theInstance(admin);
    const password = String((await admin('GET', `instances/${instanceId}/accounts/root`))['password']);
    const marker = `6${Date.now() % 10_000_000}${args.length}`;
    const command = `sleep ${marker}`;
    const session = ssh({ destination: 'root@127.0.0.1', port, password, command, args });
    const running = async (): Promise<boolean> => (await run('pgrep', ['-xf', command])).code === 0;
    await waitFor(running, { what: 'the command to run' });
    child.signal('SIGTERM');
    expect((await child.exited).code).toBe(0);
    await waitFor(async () => !(await running()), { what: 'the command to end' });
    await session;
  });

  it('says in one line what a damaged state is, and shows nothing of it', async () => {
    const folder = tempDir();
    mkdirSync(join(folder, 'state'));
    writeFileSync(join(folder, 'state', 'key-material.json'), '{"key":"c2VzYW1l", broken');
    const env = { SALLYPORT_EMULATOR_STATE_DIR: join(folder, 'state'), SALLYPORT_EMULATOR_ACCESS_KEY_ID: 'a' };
    const child = new ServerProcess(process.execPath, [program], {
      env: { ...env, SALLYPORT_EMULATOR_ACCESS_KEY_SECRET: 'b' },
    });
    expect((await child.exited).code).toBe(1);
    expect(child.lines.join('\n')).toMatch(/key-material\.json is damaged/);
    expect(child.lines.join('\n')).not.toContain('c2VzYW1l');
  });

  it('says in one line what is wrong what is wrong with its settings', async () => {
    const child = new ServerProcess(process.execPath, [program], { env: { SALLYPORT_EMULATOR_INSTANCES: 'sesame' } });
    expect((await child.exited).code).toBe(1);
    expect(child.lines).toHaveLength(1);
    expect(child.lines[0]).toMatch(/SALLYPORT_EMULATOR_STATE_DIR is missing/);
    expect(child.lines[0]).not.toContain('sesame');
  });
});
