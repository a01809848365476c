import { ApiError } from '../gateway/api-error.js';
import type { Situation } from '../gateway/situation.js';
import type { AccountState } from '../state/state.js';
import { isSymmetric, refuseUnusable } from './key.js';
import type { KmsKey } from './key.js';
import type { SecretRecord } from './secret.js';

export function isExpired({ kmsInstances }: Readonly<AccountState>, kmsInstanceId: string | undefined): boolean {
  return kmsInstances.find((one) => one.kmsInstanceId === kmsInstanceId)?.state === 'Expired';
}

/** @throws ApiError `Rejected.Unavailable` */
export function refuseExpired(state: Readonly<AccountState>, kmsInstanceId: string | undefined): void {
  if (isExpired(state, kmsInstanceId)) {
    throw new ApiError('Rejected.Unavailable', 'The KMS instance has expired.', { situation: 'kms-instance-expired' });
  }
}

export function keyArn({ regionId, accountId }: Readonly<AccountState>, { keyId }: Pick<KmsKey, 'keyId'>): string {
  return `acs:kms:${regionId}:${accountId}:key/${keyId}`;
}

/**
 * By id, ARN or alias.
 * @param unknown where the code for a key that is not there is unverified
 * @throws ApiError `Forbidden.KeyNotFound`, `Forbidden.AliasNotFound`
 */
export function findKey(state: Readonly<AccountState>, name: string, unknown?: Situation): KmsKey {
  const alias = state.aliases.find((one) => one.name === name);
  if (name.startsWith('alias/') && !alias) {
    throw new ApiError('Forbidden.AliasNotFound', 'The specified alias is not found.');
  }
  const key = state.keys.find((one) => one.keyId === (alias?.keyId ?? name) || keyArn(state, one) === name);
  if (!key) {
    throw new ApiError('Forbidden.KeyNotFound', 'The specified key is not found.', {
      ...(unknown && { situation: unknown }),
    });
  }
  return key;
}

/**
 * What reads or writes a value needs the key of the secret.
 * @throws ApiError `Rejected.Unavailable`, `Forbidden.KeyNotFound`, `Rejected.Disabled`, `Rejected.PendingDeletion`
 */
export function refuseUnusableKeyOf(
  state: Readonly<AccountState>,
  { kmsInstanceId, encryptionKeyId }: KeyOfSecret,
): void {
  refuseExpired(state, kmsInstanceId);
  refuseUnusable(findKey(state, encryptionKeyId));
}

type KeyOfSecret = Pick<SecretRecord, 'kmsInstanceId' | 'encryptionKeyId'>;

/** The key of a secret that names none: the first usable symmetric one of its KMS instance, or of the first there is. */
export function defaultKey({ kmsInstances, keys }: Readonly<AccountState>, instanceId?: string): KmsKey | undefined {
  const home = instanceId ?? kmsInstances[0]?.kmsInstanceId;
  return keys.find((one) => one.kmsInstanceId === home && isSymmetric(one) && one.state === 'Enabled');
}

/** The keys with one of them changed. */
export function withKey({ keys }: Readonly<AccountState>, changed: KmsKey): Pick<AccountState, 'keys'> {
  return { keys: keys.map((one) => (one.keyId === changed.keyId ? changed : one)) };
}
