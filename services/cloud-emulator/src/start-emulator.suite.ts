import { cp } from 'node:fs/promises';
import { tempDir } from '@sallyport/testing';
import { loadConfig } from '@sallyport/config';
import { afterAll } from 'vitest';
import { Settings } from './config.js';
import { Emulator } from './emulator.js';
import { firstState } from './state/first-state.js';
import { KeyVault } from './state/key-vault.js';
import { StateStore } from './state/state-store.js';
import type { AccountState } from './state/state.js';

/** What the captures say, made up there: keys, ids and the listener's name. */
export const captured = {
  accessKeyId: 'testid',
  accessKeySecret: 'testsecret',
  securityToken: 'CAIS+tok/en==',
  kmsInstanceId: 'kst-hzzexample0000001',
  encryptionKeyId: 'key-hzzexample0000001',
  instanceId: 'i-bp1example0000000001',
} as const;

/** An admin call to a running emulator; its JSON answer. */
export type Admin = (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>;

export interface TestEmulator {
  readonly emulator: Emulator;
  readonly folder: string;
  readonly admin: Admin;
}

const running: Emulator[] = [];
afterAll(() => Promise.all(running.map((emulator) => emulator.stop())));

/** Starts an emulator in this process, on a folder that holds the ids of the captures; it ends with the test file. */
export async function startEmulator(folder = tempDir(), settings: Record<string, string> = {}): Promise<TestEmulator> {
  firstFolder ??= prepareFolder();
  await cp(await firstFolder, folder, { recursive: true });
  const emulator = await Emulator.start(settingsFor(folder, settings));
  running.push(emulator);
  return { emulator, folder, admin: adminOf(emulator.endpoint) };
}

export function settingsFor(folder: string, settings: Record<string, string> = {}): Settings {
  return loadConfig(Settings, {
    SALLYPORT_EMULATOR_STATE_DIR: folder,
    SALLYPORT_EMULATOR_ACCESS_KEY_ID: captured.accessKeyId,
    SALLYPORT_EMULATOR_ACCESS_KEY_SECRET: captured.accessKeySecret,
    SALLYPORT_EMULATOR_RULES: JSON.stringify({ quotaScale: 0 }),
    ...settings,
  });
}

export function adminOf(endpoint: string): Admin {
  return async (method, path, body) => {
    const response = await fetch(`http://${endpoint}/__emulator/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
}

/** Making keys takes long, so each test file makes them once. */
let firstFolder: Promise<string> | undefined;

/** A state from before the first start, in which the KMS instance and its key have the ids of the captures. */
async function prepareFolder(): Promise<string> {
  const folder = tempDir();
  const vault = await KeyVault.open(folder);
  await StateStore.open(folder, async () => {
    const state = await firstState(vault, { regionId: 'cn-hangzhou', instances: 1, now: new Date() });
    await vault.create(captured.encryptionKeyId);
    const [account] = state.accounts;
    const key = account?.keys[0];
    if (!key) throw new Error('a first state has a key');
    const renamed: AccountState = {
      ...account,
      kmsInstances: [{ kmsInstanceId: captured.kmsInstanceId, createdAt: key.createdAt, state: 'Available' }],
      keys: [{ ...key, keyId: captured.encryptionKeyId, kmsInstanceId: captured.kmsInstanceId }],
    };
    return { ...state, accounts: [renamed] };
  });
  return folder;
}

/** The id of the one simulated instance, and where it listens. */
export async function theInstance(admin: Admin): Promise<{ instanceId: string; port: number; hostKeys: string[] }> {
  const { instances } = (await admin('GET', 'state')) as {
    instances: [{ instanceId: string; port: number; hostKeys: string[] }];
  };
  return instances[0];
}
