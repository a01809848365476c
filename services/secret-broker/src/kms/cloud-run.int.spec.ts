import { fileURLToPath } from 'node:url';
import { Secret } from '@sallyport/secret';
import { logger } from '@sallyport/telemetry';
import type { Exit } from '@sallyport/testing';
import { ServerProcess, waitFor } from '@sallyport/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../clock.js';
import { StaticKey } from './credentials.alicloud.js';
import { documentedUsers } from './documented-users.suite.js';
import { KmsCalls } from './kms-calls.js';
import { KmsClient } from './kms-client.js';
import { KmsPace } from './kms-pace.js';
import { AlicloudGateway } from './kms.alicloud.js';
import type { TestEmulator } from './start-emulator.suite.js';
import { startEmulator } from './start-emulator.suite.js';

const folder = fileURLToPath(new URL('../../', import.meta.url));
const vitest = fileURLToPath(new URL('../../../../node_modules/vitest/vitest.mjs', import.meta.url));

/** `cloud.int.spec.ts` as a person runs it (docs/alibaba-cloud.md, section 9); the emulator is the cloud that it is pointed at. */
describe('the tests against the real cloud', () => {
  let emulator: TestEmulator;
  let names: () => Promise<string[]>;
  let settings: Record<string, string>;

  beforeAll(async () => {
    emulator = await startEmulator();
    const { reader, administrator } = await documentedUsers(emulator);
    settings = {
      KMS_ENDPOINT: emulator.endpoint,
      SALLYPORT_CLOUD_REGION_ID: emulator.regionId,
      SALLYPORT_CLOUD_INSTANCE_ID: emulator.instanceId,
      SALLYPORT_CLOUD_USER_NAME: emulator.userName,
      ALIBABA_CLOUD_ACCESS_KEY_ID: reader.accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: reader.accessKeySecret,
      KMS_ADMIN_ACCESS_KEY_ID: administrator.accessKeyId,
      KMS_ADMIN_ACCESS_KEY_SECRET: administrator.accessKeySecret,
    };
    const accessKey = new StaticKey(emulator.accessKeyId, Secret.of(emulator.accessKeySecret));
    const gateway = new AlicloudGateway({ endpoint: emulator.endpoint, parametersIn: 'body', accessKey });
    const pace = new KmsPace({ quotaPercent: 1_000, maxInFlight: 8 });
    const patience = { tries: 3, tryMs: 10_000, totalMs: 30_000 };
    const kms = new KmsClient(new KmsCalls(gateway, pace, patience, new SystemClock(), logger('test', 'silent')));
    names = async () => (await kms.list(emulator.regionId, { number: 1, size: 100 })).items.map(({ name }) => name);
  });

  const start = (mode: string): ServerProcess => {
    const config = ['--root', '.', '--config', '../../tools/vitest/int.ts', '--reporter', 'verbose'];
    return new ServerProcess(process.execPath, [vitest, 'run', ...config, 'src/kms/cloud.int.spec.ts'], {
      cwd: folder,
      env: { NO_COLOR: '1', ...settings, SALLYPORT_CLOUD_TESTS: mode },
    });
  };
  const untilEnd = async (run: ServerProcess): Promise<{ exit: Exit; said: string }> => ({
    exit: await run.exited,
    said: run.lines.join('\n'),
  });

  it('say what they make, fail by what is different there, and remove what they made all the same', async () => {
    await emulator.admin('PUT', 'faults', { kind: 'denied', operation: 'RotateSecret', rate: 1 });
    const { exit, said } = await untilEnd(start('1'));
    await emulator.admin('DELETE', 'faults');
    expect(said).toMatch(/makes 15 secrets acs\/ecs\/sallyport-test-[0-9a-f]{8}-… for root on i-/);
    expect(said).toMatch(/Tests.*\b4 failed.*\b8 passed/);
    expect(said).toMatch(/deleted all 15 secrets that it may have made/);
    expect(exit.code).toBe(1);
    expect(await names()).toEqual([]);
  }, 300_000);

  it('leave, when they are killed, what the next run names and `remove` deletes; and then pass', async () => {
    const killed = start('1');
    await waitFor(async () => (await names()).length > 2, { timeoutMs: 120_000, what: 'secrets of a run' });
    // So that it removes none of them before it is killed.
    killed.signal('SIGSTOP');
    const some = await names();
    killed.signal('SIGKILL');
    await killed.exited;
    const left = await names();
    expect(left).toEqual(expect.arrayContaining(some));
    for (const name of left) expect(name).toMatch(/^acs\/ecs\/sallyport-test-/);

    const next = await untilEnd(start('1'));
    expect(next.said).toMatch(/Tests.*\b12 passed/);
    expect(next.exit.code).toBe(0);
    for (const name of left) expect(next.said).toContain(name);
    expect(await names()).toEqual(left);

    const removed = await untilEnd(start('remove'));
    expect(removed.exit.code).toBe(0);
    for (const name of left) expect(removed.said).toContain(name);
    expect(await names()).toEqual([]);
  }, 600_000);
});
