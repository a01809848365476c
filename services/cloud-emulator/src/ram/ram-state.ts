import { z } from 'zod';
import { Sealed } from '../state/key-vault.js';
import { IdentityPolicy } from './policy.js';

const name = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);
/** 16 digits. */
export const AccountId = z.string().regex(/^\d{16}$/);

export const RamUser = z.object({
  accountId: AccountId,
  name,
  /** Names of system policies, or of policies in `policies`. */
  policies: z.array(z.string()),
  accessKeys: z.array(z.object({ accessKeyId: z.string(), secret: Sealed, active: z.boolean() })),
});
export type RamUser = z.infer<typeof RamUser>;

export const RamRole = z.object({
  accountId: AccountId,
  name,
  policies: z.array(z.string()),
  /** ARNs of principals that may assume it; `acs:ram::<account>:root` stands for all of an account. */
  trusted: z.array(z.string()),
});
export type RamRole = z.infer<typeof RamRole>;

/** Users, roles and custom policies, of all accounts. */
export const RamState = z.object({
  users: z.array(RamUser),
  roles: z.array(RamRole),
  policies: z.record(z.string(), IdentityPolicy),
});
export type RamState = z.infer<typeof RamState>;

export const noRam: RamState = { users: [], roles: [], policies: {} };

/** What the secret of an access key is sealed to. */
export function accessKeyContext(accessKeyId: string): string {
  return `ram/access-key/${accessKeyId}`;
}
