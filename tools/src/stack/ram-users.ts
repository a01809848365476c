import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmulatorAdmin } from '../seed/emulator-admin.js';
import { root } from '../settings.js';
import { randomPassword } from '../state/random.js';
import type { StateFolder } from '../state/state-folder.js';

/** The identities in the cloud that Sallyport's processes need, by the file of their policy in deploy/ram. */
const ramUsers = ['sallyport-reader', 'sallyport-administrator', 'sallyport-hosts'] as const;
export type RamUser = (typeof ramUsers)[number];

/** As settings: the id in clear, the secret as a file. */
export interface RamKey {
  accessKeyId: string;
  accessKeySecretFile: string;
}

/** Their access keys; the first start makes them. */
export function ramKey(state: StateFolder, user: RamUser): RamKey {
  const accessKeyId = `LTAI${state.secret(`${user}-key-id`, randomPassword).slice(0, 20)}`;
  state.secret(`${user}-key-secret`, randomPassword);
  return { accessKeyId, accessKeySecretFile: state.secretFile(`${user}-key-secret`) };
}

/** Gives the emulated cloud these users with exactly the documented policies. */
export async function putRamUsers(state: StateFolder, emulator: EmulatorAdmin): Promise<void> {
  for (const user of ramUsers) {
    const policy: unknown = JSON.parse(readFileSync(join(root, 'deploy/ram', `${user}.json`), 'utf8'));
    const { accessKeyId, accessKeySecretFile } = ramKey(state, user);
    await emulator.putRamUser(user, policy, {
      accessKeyId,
      accessKeySecret: readFileSync(accessKeySecretFile, 'utf8'),
    });
  }
}
