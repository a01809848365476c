import { SecretPolicyChanged } from '@sallyport/contracts';
import type { SecretAccess, SecretPolicy, UserId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { KmsAdministration } from '../kms/kms-administration.js';
import type { Kms, SecretAddress } from '../kms/kms.js';
import type { RecordedChanges } from './recorded-change.js';
import { accessOf, checkPolicy, ownerOf, policyFor } from './secret-policy.js';

/** Either the JSON text, or who may do what. */
export interface WantedPolicy {
  readonly policy?: string | undefined;
  readonly access?: SecretAccess | undefined;
}

/**
 * Sets the policy of a secret, with the one before on record.
 * @throws DomainError `request.invalid` both or none of the two forms, or one that is not right: nothing was sent;
 * `secret.*`, `kms.*` from KMS; `audit.unavailable`
 */
export class SetSecretPolicy {
  constructor(
    private readonly kms: Kms,
    private readonly administration: KmsAdministration,
    private readonly changes: RecordedChanges,
  ) {}

  async run(actorId: UserId, address: SecretAddress, wanted: WantedPolicy): Promise<SecretPolicy> {
    let after = '';
    let before = '';
    const check = async (): Promise<void> => {
      after = await this.#textOf(address, wanted);
      before = await this.administration.readPolicy(address);
    };
    return this.changes.run({ ...address, actorId, operation: 'set-policy' }, check, async () => {
      const { requestId } = await this.administration.setPolicy(address, after);
      const { name: secretName, regionId } = address;
      const data = { actorId, secretName, regionId, kmsRequestId: requestId, before, after };
      await this.changes.done(SecretPolicyChanged, data, requestId);
      return asReply(after);
    });
  }

  async #textOf(address: SecretAddress, { policy, access }: WantedPolicy): Promise<string> {
    if ((policy === undefined) === (access === undefined))
      throw new DomainError('request.invalid', 'policy: give either policy or access');
    if (access) return policyFor(access, ownerOf((await this.kms.describe(address)).arn));
    checkPolicy(policy ?? '');
    return policy ?? '';
  }
}

/** A policy and, where it is of our form, who may do what. */
export function asReply(policy: string): SecretPolicy {
  const access = accessOf(policy);
  return { policy, ...(access && { access }) };
}
