import type { AccessKey } from '../gateway/key-ring.js';
import type { KeyVault } from '../state/key-vault.js';
import type { StateStore } from '../state/state-store.js';
import { accessKeyContext } from './ram-state.js';

/** Finds the access key of a RAM user in the state. */
export function ramKeyOf(store: StateStore, vault: KeyVault): (accessKeyId: string) => AccessKey | undefined {
  return (accessKeyId) => {
    for (const { accountId, name, accessKeys } of store.current.ram.users) {
      const key = accessKeys.find((one) => one.accessKeyId === accessKeyId);
      if (!key) continue;
      return {
        accessKeyId,
        accessKeySecret: vault.unseal(key.secret, accessKeyContext(accessKeyId)),
        active: key.active,
        caller: { principal: { accountId, kind: 'user', name } },
      };
    }
    return undefined;
  };
}
