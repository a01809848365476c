import { z } from 'zod';
import { accountContext, Instance, withInstance } from '../instances/instance.js';
import type { AdminParts } from './admin-api.js';
import { AdminError } from './admin-error.js';

const InstanceChange = z.strictObject({
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
  const instance = store.current.instances.find(({ instanceId }) => instanceId === id);
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
  return parts.store.update((state) => {
    const known = state.instances.find(({ instanceId }) => instanceId === id);
    const given = known ? InstanceChange.partial().parse(body) : InstanceChange.parse(body);
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
  await store.update((state) => {
    const left = state.instances.filter(({ instanceId }) => instanceId !== id);
    if (left.length === state.instances.length) throw new AdminError(404, 'no such instance');
    return { next: { instances: left }, result: undefined };
  });
  instances.stopOne(id);
  return {};
}
