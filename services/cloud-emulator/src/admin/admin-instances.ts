import { z } from 'zod';
import { accountContext, Instance, withInstance } from '../instances/instance.js';
import { AccountId } from '../ram/ram-state.js';
import type { AccountStore } from '../state/account-store.js';
import type { StateStore } from '../state/state-store.js';
import type { AdminParts } from './admin-parts.js';
import { AdminError } from './admin-error.js';

const InstanceChange = z.strictObject({
  /** Of a new one; the emulator's own unless given. */
  accountId: AccountId.optional(),
  name: Instance.shape.name.min(1).max(128),
  address: Instance.shape.address.min(1).max(253),
  port: z.int().min(1).max(65_535),
  regionId: Instance.shape.regionId.min(1).max(64),
  osType: Instance.shape.osType.optional(),
  status: Instance.shape.status.optional(),
  tags: Instance.shape.tags.optional(),
  assistant: Instance.shape.assistant,
});

type Values = Readonly<Record<string, string>>;

/** An instance as the admin API shows it. */
export function viewInstance(instance: Instance): object {
  const { simulation, assistant, ...rest } = instance;
  return {
    ...rest,
    simulated: simulation !== undefined,
    hostKeys: simulation?.hostKeys.map(({ fingerprint }) => fingerprint) ?? [],
    accounts: simulation?.accounts.map(({ userName }) => userName) ?? [],
    ...(assistant && { assistant }),
  };
}

/** The credential that the simulated instance takes now. */
export function readAccount({ store, vault }: AdminParts, { id = '', user = '' }: Values): object {
  const instance = store.own.current.instances.find(({ instanceId }) => instanceId === id);
  const account = instance?.simulation?.accounts.find(({ userName }) => userName === user);
  if (!account) throw new AdminError(404, 'no such account of a simulated instance');
  const { userName, password, publicKey, privateKey } = account;
  return {
    userName,
    ...(password && { password: vault.unseal(password, accountContext(id, user, 'password')) }),
    ...(publicKey !== undefined && { publicKey }),
    ...(privateKey && { privateKey: vault.unseal(privateKey, accountContext(id, user, 'privateKey')) }),
  };
}

/** Registers an instance, or changes one; of a known one the members that are not given stay. */
export async function putInstance(parts: AdminParts, { id = '' }: Values, body: unknown): Promise<object> {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(id)) throw new AdminError(400, 'an instance id is letters, digits and -');
  const { store } = parts;
  const owner = ownerOf(store, id);
  const { accountId, ...given } = owner ? InstanceChange.partial().parse(body) : InstanceChange.parse(body);
  if (owner && accountId !== undefined && accountId !== owner.accountId)
    throw new AdminError(409, 'the instance is of another account');
  return (owner ?? store.of(accountId ?? store.own.accountId)).update((state) => {
    const known = state.instances.find(({ instanceId }) => instanceId === id);
    const instance = Instance.parse({
      osType: 'linux',
      status: 'Running',
      tags: [],
      createdAt: parts.clock.now().toISOString(),
      ...known,
      ...given,
      instanceId: id,
    });
    return { next: { instances: withInstance(state.instances, instance) }, result: viewInstance(instance) };
  });
}

export async function deleteInstance({ store, instances }: AdminParts, { id = '' }: Values): Promise<object> {
  const owner = ownerOf(store, id);
  if (!owner) throw new AdminError(404, 'no such instance');
  await owner.update((state) => ({
    next: { instances: state.instances.filter(({ instanceId }) => instanceId !== id) },
    result: undefined,
  }));
  instances.stopOne(id);
  return {};
}

function ownerOf({ accounts }: StateStore, id: string): AccountStore | undefined {
  return accounts.find(({ current }) => current.instances.some(({ instanceId }) => instanceId === id));
}
