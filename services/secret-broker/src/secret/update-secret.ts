import { SecretUpdated } from '@sallyport/contracts';
import type { Secret as SecretDescription, UserId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { KmsAdministration } from '../kms/kms-administration.js';
import type { Kms, SecretAddress } from '../kms/kms.js';
import type { RecordedChanges } from './recorded-change.js';
import { checkCustomData } from './secret-rules.js';

/** Only what is given changes; custom data is replaced as a whole. */
export interface WantedFace {
  readonly description?: string | undefined;
  readonly customData?: Record<string, string> | undefined;
}

/**
 * Changes what a secret tells of itself, with what it told before on record.
 * @throws DomainError `request.invalid` nothing is given, or it breaks a rule: nothing was sent; `secret.*`, `kms.*` from KMS;
 * `audit.unavailable`
 */
export class UpdateSecret {
  constructor(
    private readonly kms: Kms,
    private readonly administration: KmsAdministration,
    private readonly changes: RecordedChanges,
  ) {}

  run(actorId: UserId, address: SecretAddress, { description, customData }: WantedFace): Promise<SecretDescription> {
    const wanted = { ...(description !== undefined && { description }), ...(customData && { customData }) };
    const check = (): void => {
      if (Object.keys(wanted).length === 0)
        throw new DomainError('request.invalid', 'description, customData: neither is given');
      if (customData) checkCustomData(customData);
    };
    return this.changes.run({ ...address, actorId, operation: 'update' }, check, async () => {
      const before = faceOf(await this.kms.describe(address));
      const { requestId } = await this.administration.update(address, wanted);
      const { name: secretName, regionId } = address;
      const data = { actorId, secretName, regionId, kmsRequestId: requestId, before, after: { ...before, ...wanted } };
      await this.changes.done(SecretUpdated, data, requestId);
      return this.kms.describe(address);
    });
  }
}

/** What the event shows of a secret, before and after. */
export function faceOf({ description, customData, tags }: SecretDescription) {
  return {
    ...(description !== undefined && { description }),
    ...(customData && { customData }),
    ...(tags && { tags }),
  };
}
