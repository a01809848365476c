import type { GrantClaims } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { SecretAddress, SecretValue, Stage } from '../kms/kms.js';
import type { HeldVersion } from './lease.js';
import { parseSecretData, wipeCredential } from './secret-data.js';

export function secretOf(grant: GrantClaims): SecretAddress {
  return { regionId: grant.account.regionId, name: grant.account.secretName };
}

/**
 * Makes a value that was read from KMS usable, when it is of the kind and for the user name that the grant is for.
 * @throws DomainError `secret.malformed`, `secret.user-mismatch`
 */
export function toVersion(grant: GrantClaims, value: SecretValue, stage: Stage): HeldVersion {
  const credential = parseSecretData(value.data, grant.account.kind);
  if (credential.userName !== grant.account.userName) {
    wipeCredential(credential);
    throw new DomainError('secret.user-mismatch', 'the secret is now for another user name than the account');
  }
  const { versionId, requestId: kmsRequestId, lastRotationAt } = value;
  return { credential, versionId, stage, kmsRequestId, ...(lastRotationAt && { lastRotationAt }) };
}
