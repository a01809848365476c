import { randomBytes, randomInt } from 'node:crypto';
import { machineKeyId, simulateInstance } from '../instances/simulate-instance.js';
import { noRam } from '../ram/ram-state.js';
import type { KeyVault } from './key-vault.js';
import type { AccountState, EmulatorState } from './state.js';

/** What a first start makes: an account, one KMS instance with one symmetric key, and so many simulated instances. */
export async function firstState(
  vault: KeyVault,
  { regionId, instances, now }: { regionId: string; instances: number; now: Date },
): Promise<EmulatorState> {
  const createdAt = now.toISOString();
  const kmsInstanceId = newId('kst-hzz');
  const keyId = newId('key-hzz');
  await vault.create(machineKeyId);
  await vault.create(keyId);
  const names = Array.from({ length: instances }, (_, index) => `web-${index + 1}`);
  const accountId = `1${Array.from({ length: 15 }, () => randomInt(10)).join('')}`;
  const account: AccountState = {
    accountId,
    regionId,
    kmsInstances: [{ kmsInstanceId, createdAt, state: 'Available' }],
    keys: [
      {
        keyId,
        kmsInstanceId,
        keySpec: 'Aliyun_AES_256',
        keyUsage: 'ENCRYPT/DECRYPT',
        state: 'Enabled',
        description: '',
        createdAt,
        tags: [],
      },
    ],
    secrets: [],
    instances: await Promise.all(names.map((name) => simulateInstance(vault, { name, regionId, now }))),
    rotationRequests: [],
    aliases: [],
    events: [],
  };
  return { format: 2, accountId, regionId, accounts: [account], ram: noRam };
}

/** An id of the cloud's look: a prefix and random hexadecimal digits. */
export function newId(prefix: string): string {
  return `${prefix}${randomBytes(8).toString('hex')}`;
}
