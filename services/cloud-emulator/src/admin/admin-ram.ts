import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { machineKeyId } from '../instances/simulate-instance.js';
import { IdentityPolicy } from '../ram/policy.js';
import { accessKeyContext, AccountId, RamRole, RamUser } from '../ram/ram-state.js';
import { systemPolicies } from '../ram/system-policies.js';
import type { AdminParts } from './admin-parts.js';
import { AdminError } from './admin-error.js';

/** The emulator's own account unless given. */
const Whose = z.strictObject({ accountId: AccountId.optional() });
const UserChange = z.strictObject({
  ...Whose.shape,
  policies: z.array(z.string()).max(20),
  /** Made at random unless given; `active: false` disables it. */
  accessKey: z
    .strictObject({
      accessKeyId: z.string().min(1).max(128),
      accessKeySecret: z.string().min(1).max(128),
      active: z.boolean().default(true),
    })
    .optional(),
});
const RoleChange = RamRole.omit({ name: true, accountId: true }).extend(Whose.shape).strict();

type Values = Readonly<Record<string, string>>;

/** Registers or changes a RAM user; the answer has its access key. */
export async function putRamUser({ store, vault }: AdminParts, { name }: Values, body: unknown): Promise<object> {
  const change = UserChange.parse(body);
  refuseUnknown(change.policies, store.current.ram.policies);
  const accountId = change.accountId ?? store.current.accountId;
  const accessKeyId = change.accessKey?.accessKeyId ?? `LTAI${randomBytes(10).toString('hex')}`;
  const accessKeySecret = change.accessKey?.accessKeySecret ?? randomBytes(24).toString('base64url');
  const secret = vault.seal(machineKeyId, accessKeySecret, accessKeyContext(accessKeyId));
  const active = change.accessKey?.active ?? true;
  const user = RamUser.parse({
    accountId,
    name,
    policies: change.policies,
    accessKeys: [{ accessKeyId, secret, active }],
  });
  await store.update(({ ram }) => {
    const others = ram.users.filter((one) => one.name !== name || one.accountId !== accountId);
    return { next: { ram: { ...ram, users: [...others, user] } }, result: undefined };
  });
  return { arn: `acs:ram::${accountId}:user/${user.name}`, accessKeyId, accessKeySecret };
}

export async function deleteRamUser({ store }: AdminParts, { name }: Values, body: unknown): Promise<object> {
  const { accountId = store.current.accountId } = Whose.parse(body ?? {});
  return store.update(({ ram }) => {
    const users = ram.users.filter((one) => one.name !== name || one.accountId !== accountId);
    if (users.length === ram.users.length) throw new AdminError(404, 'no such user');
    return { next: { ram: { ...ram, users } }, result: {} };
  });
}

export async function putRamRole({ store }: AdminParts, { name }: Values, body: unknown): Promise<object> {
  const change = RoleChange.parse(body);
  refuseUnknown(change.policies, store.current.ram.policies);
  const role = RamRole.parse({ ...change, name, accountId: change.accountId ?? store.current.accountId });
  await store.update(({ ram }) => {
    const others = ram.roles.filter((one) => one.name !== role.name || one.accountId !== role.accountId);
    return { next: { ram: { ...ram, roles: [...others, role] } }, result: undefined };
  });
  return { arn: `acs:ram::${role.accountId}:role/${role.name}` };
}

/** A custom policy, by a name that no system policy has. */
export async function putRamPolicy({ store }: AdminParts, { name = '' }: Values, body: unknown): Promise<object> {
  if (!/^[A-Za-z0-9-]{1,128}$/.test(name)) throw new AdminError(400, 'a policy name is letters, digits and -');
  if (Object.hasOwn(systemPolicies, name)) throw new AdminError(409, 'a system policy has this name');
  const policy = IdentityPolicy.parse(body);
  return store.update(({ ram }) => ({
    next: { ram: { ...ram, policies: { ...ram.policies, [name]: policy } } },
    result: { name },
  }));
}

function refuseUnknown(names: readonly string[], custom: Readonly<Record<string, unknown>>): void {
  const unknown = names.find((name) => !Object.hasOwn(custom, name) && !Object.hasOwn(systemPolicies, name));
  if (unknown !== undefined) throw new AdminError(400, `there is no policy ${unknown}; put it first`);
}
