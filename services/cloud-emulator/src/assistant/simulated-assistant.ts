import { accountContext, withInstance } from '../instances/instance.js';
import type { Account, Instance } from '../instances/instance.js';
import type { KeyVault } from '../state/key-vault.js';
import { omit } from '../omit.js';
import { machineKeyId } from '../instances/simulate-instance.js';
import type { AccountStore } from '../state/account-store.js';
import { CloudAssistant } from './cloud-assistant.js';
import type { CredentialChange } from './cloud-assistant.js';

/** Changes an account of a simulated instance. The account has to exist, as in the cloud. */
export class SimulatedAssistant extends CloudAssistant {
  constructor(
    private readonly account: AccountStore,
    private readonly vault: KeyVault,
  ) {
    super();
  }

  override async change({ instanceId }: Instance, change: CredentialChange): Promise<void> {
    await this.account.update((state) => {
      const instance = state.instances.find((one) => one.instanceId === instanceId);
      const simulation = instance?.simulation;
      if (!instance || !simulation) throw new Error('the instance is gone');
      if (!simulation.accounts.some(({ userName }) => userName === change.userName)) {
        throw new Error('the user does not exist on the instance');
      }
      const accounts = simulation.accounts.map((account) =>
        account.userName === change.userName ? this.#changed(instanceId, account, change) : account,
      );
      return {
        next: { instances: withInstance(state.instances, { ...instance, simulation: { ...simulation, accounts } }) },
        result: undefined,
      };
    });
  }

  #changed(instanceId: string, account: Account, change: CredentialChange): Account {
    if (change.subType === 'Password') {
      const context = accountContext(instanceId, account.userName, 'password');
      return { ...account, password: this.vault.seal(machineKeyId, change.password, context) };
    }
    return { ...omit(account, 'privateKey'), publicKey: change.publicKey };
  }
}
