import { randomBytes } from 'node:crypto';
import { newPassword, newSshKeyPair } from '../kms/new-credential.js';
import type { KeyVault } from '../state/key-vault.js';
import { accountContext, hostKeyContext } from './instance.js';
import type { Account, Instance } from './instance.js';
import { newEd25519Key } from './new-ed25519-key.js';
import { fingerprintOf } from './ssh-keys.js';

/** Key of the vault for what belongs to simulated machines, not to KMS. */
export const machineKeyId = 'machine';

/** An account of every simulated instance that no secret of the demo is for. */
const freeAccount = 'ops';

/** A new simulated instance with host keys and accounts of its own: `root` and `ops` (password), `deploy` (SSH key). */
export async function simulateInstance(
  vault: KeyVault,
  { name, regionId, now }: { name: string; regionId: string; now: Date },
): Promise<Instance> {
  const instanceId = `i-bp1${randomBytes(8).toString('hex')}0`;
  const seal = (plain: string, context: string): ReturnType<KeyVault['seal']> =>
    vault.seal(machineKeyId, plain, context);
  const hostKeys = [newEd25519Key(), (await newSshKeyPair()).privateKey].map((privateKey) => {
    const fingerprint = fingerprintOf(privateKey);
    return { fingerprint, privateKey: seal(privateKey, hostKeyContext(instanceId, fingerprint)) };
  });
  const pair = await newSshKeyPair();
  return {
    instanceId,
    name,
    regionId,
    address: '127.0.0.1',
    port: 0,
    osType: 'linux',
    status: 'Running',
    tags: [],
    createdAt: now.toISOString(),
    simulation: {
      hostKeys,
      accounts: [
        { userName: 'root', password: seal(newPassword(), accountContext(instanceId, 'root', 'password')) },
        {
          userName: 'deploy',
          publicKey: pair.publicKey,
          privateKey: seal(pair.privateKey, accountContext(instanceId, 'deploy', 'privateKey')),
        },
        newFreeAccount(vault, instanceId),
      ],
    },
  };
}

/** What an earlier version simulated, with the account that it did not have. */
export function withFreeAccount(vault: KeyVault, instance: Instance): Instance {
  const { simulation, instanceId } = instance;
  if (!simulation || simulation.accounts.some(({ userName }) => userName === freeAccount)) return instance;
  const accounts = [...simulation.accounts, newFreeAccount(vault, instanceId)];
  return { ...instance, simulation: { ...simulation, accounts } };
}

function newFreeAccount(vault: KeyVault, instanceId: string): Account {
  const password = vault.seal(machineKeyId, newPassword(), accountContext(instanceId, freeAccount, 'password'));
  return { userName: freeAccount, password };
}
