import { fileURLToPath } from 'node:url';
import { run } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { call } from './signed-request.suite.js';
import { captured, startEmulator, theInstance } from './start-emulator.suite.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const vitest = fileURLToPath(new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url));

/** `sdk-cloud.int.spec.ts` as a person runs it (docs/alibaba-cloud.md, section 9); an emulator is the cloud that it is pointed at. */
it('the SDKs’ tests against the real cloud say what they make there, pass, and leave nothing, also when they fail', async () => {
  const { emulator, admin } = await startEmulator();
  const { instanceId } = await theInstance(admin);
  const env = {
    NO_COLOR: '1',
    SALLYPORT_CLOUD_TESTS: '1',
    SALLYPORT_CLOUD_REGION_ID: 'cn-hangzhou',
    SALLYPORT_CLOUD_INSTANCE_ID: instanceId,
    SALLYPORT_CLOUD_USER_NAME: 'root',
    KMS_ENDPOINT: `http://${emulator.endpoint}`,
    ECS_ENDPOINT: `http://${emulator.endpoint}`,
    ALIBABA_CLOUD_ACCESS_KEY_ID: captured.accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: captured.accessKeySecret,
  };
  const config = ['--root', '.', '--config', '../../tools/vitest/int.ts', '--reporter', 'default'];
  const tests = () =>
    run(process.execPath, [vitest, 'run', ...config, 'src/sdk-cloud.int.spec.ts'], {
      env,
      cwd: folder,
      timeoutMs: 240_000,
    });
  const made = async () => ((await admin('GET', 'calls')) as { calls: Record<string, number> }).calls['CreateSecret'];
  const passed = await tests();
  expect(passed.stdout).toMatch(/makes 6 secrets acs\/ecs\/sallyport-test-[0-9a-f]{8}-… for root on i-/);
  expect(passed.stdout).toMatch(/Tests +7 passed/);
  expect(passed.code).toBe(0);
  expect(await made()).toBe(6);

  await admin('PUT', 'faults', { kind: 'denied', operation: 'GetSecretValue', rate: 1 });
  const failed = await tests();
  expect(failed.stdout).toMatch(/Tests +6 failed \| 1 passed/);
  expect(failed.code).toBe(1);
  expect(await made()).toBe(12);
  const listed = await call(emulator.endpoint, 'ListSecrets', {});
  expect(listed.body).toMatchObject({ TotalCount: 0 });
}, 600_000);
