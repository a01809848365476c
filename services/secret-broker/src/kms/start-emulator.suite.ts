import { fileURLToPath } from 'node:url';
import { ServerProcess, tempDir, waitFor } from '@sallyport/testing';
import { afterAll } from 'vitest';

const emulatorMain = fileURLToPath(new URL('../../../cloud-emulator/dist/main.js', import.meta.url));

export interface TestEmulator {
  /** Of KMS, as a setting: `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  readonly regionId: string;
  readonly instanceId: string;
  /** An account that the instance has. */
  readonly userName: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** A call to its admin API, below `/__emulator/`. */
  admin(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
}

/** Starts the emulator as a process of its own, without rate limits; it ends with the test file. */
export async function startEmulator(): Promise<TestEmulator> {
  const accessKey = { accessKeyId: 'testid', accessKeySecret: 'testsecret' };
  const emulator = new ServerProcess(process.execPath, [emulatorMain], {
    env: {
      SALLYPORT_EMULATOR_STATE_DIR: tempDir(),
      SALLYPORT_EMULATOR_ACCESS_KEY_ID: accessKey.accessKeyId,
      SALLYPORT_EMULATOR_ACCESS_KEY_SECRET: accessKey.accessKeySecret,
      SALLYPORT_EMULATOR_INSTANCES: '1',
      SALLYPORT_EMULATOR_RULES: JSON.stringify({ quotaScale: 0, checkSecretData: false }),
    },
  });
  afterAll(() => emulator.stop());
  const { endpoint, regionId } = await waitFor(
    () => {
      if (!emulator.running) throw new Error(emulator.tail());
      const line = emulator.lines.find((each) => each.startsWith('{"listening":'));
      if (line === undefined) return undefined;
      return (JSON.parse(line) as { listening: { endpoint: string; regionId: string } }).listening;
    },
    { timeoutMs: 90_000, what: 'the emulator to listen' },
  );
  const admin: TestEmulator['admin'] = async (method, path, body) => {
    const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await fetch(`http://${endpoint}/__emulator/${path}`, init);
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  };
  const { instances } = (await admin('GET', 'state')) as { instances: [{ instanceId: string; accounts: [string] }] };
  const [{ instanceId, accounts }] = instances;
  return { endpoint: `http://${endpoint}`, regionId, instanceId, userName: accounts[0], ...accessKey, admin };
}
