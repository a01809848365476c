import type { HostAccount, ReplyOf, SecretStanding } from '@sallyport/contracts';
import type { DescribeSecretV1 } from '@sallyport/contracts';
import type { StoredHost } from '../host/hosts.js';
import type { StoredAccount } from './accounts.js';

export type DescribedSecret = ReplyOf<typeof DescribeSecretV1>;

/** KMS spells types `ECS`, `RDS`, …; it asks clients not to depend on the case. */
export const isEcsSecret = (secret: { type: string }): boolean => secret.type.toLowerCase() === 'ecs';

/**
 * What an account of the host would be made of, when the secret belongs to the host's own instance and is complete. The
 * address plays no part in it: a host that has another's old address does not get the other's secret.
 */
export function accountFrom(
  host: StoredHost,
  secret: DescribedSecret,
): Pick<StoredAccount, 'secretName' | 'userName' | 'kind' | 'regionId'> | undefined {
  const { name: secretName, regionId, instanceId, kind, userName } = secret;
  if (!isEcsSecret(secret) || instanceId !== host.instanceId || regionId !== host.regionId) return undefined;
  if (kind === undefined || userName === undefined || userName === '') return undefined;
  return { secretName, userName, kind, regionId };
}

/** What others may know of an account, with how its secret stands now where KMS tells, else as it stood last. */
export function describeAccount(account: StoredAccount, now?: SecretStanding): HostAccount {
  const { id, hostId, secretName, userName, kind, secretState } = account;
  const secret = now && now.state !== 'unknown' ? now : { state: secretState };
  return { id, hostId, secretName, userName, kind, secret };
}
