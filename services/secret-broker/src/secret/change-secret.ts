import {
  SecretDeleted,
  SecretRestored,
  SecretRotationPolicyChanged,
  SecretRotationRequested,
} from '@sallyport/contracts';
import type {
  DeleteSecretV1,
  ReplyOf,
  RestoreSecretV1,
  RotateSecretV1,
  Secret as SecretDescription,
  UserId,
} from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Clock } from '../clock.js';
import type { Deletion, KmsAdministration } from '../kms/kms-administration.js';
import type { Kms, SecretAddress } from '../kms/kms.js';
import type { RecordedChanges } from './recorded-change.js';
import { checkRotationInterval } from './secret-rules.js';
import { timeOrderedId } from './time-ordered-id.js';

const nothingToCheck = (): void => undefined;

/** Changes to a secret that exists. All of them throw `secret.*` and `kms.*` from KMS, and `audit.unavailable`. */
export class ChangeSecret {
  constructor(
    private readonly kms: Kms,
    private readonly administration: KmsAdministration,
    private readonly changes: RecordedChanges,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `request.invalid` a window and `force` at once */
  delete(
    actorId: UserId,
    address: SecretAddress,
    { force, recoveryWindowDays }: { force: boolean; recoveryWindowDays?: number | undefined },
  ): Promise<ReplyOf<typeof DeleteSecretV1>> {
    const check = (): void => {
      if (!force || recoveryWindowDays === undefined) return;
      throw new DomainError('request.invalid', 'recoveryWindowDays: not together with force');
    };
    return this.changes.run({ ...address, actorId, operation: 'delete' }, check, async () => {
      const deletion: Deletion = force ? { force } : { force, ...(recoveryWindowDays && { recoveryWindowDays }) };
      const { requestId, plannedDeleteAt } = await this.administration.delete(address, deletion);
      const planned = plannedDeleteAt === undefined ? {} : { plannedDeleteAt };
      await this.changes.done(SecretDeleted, { ...fields(actorId, address, requestId), force, ...planned }, requestId);
      return { name: address.name, ...planned };
    });
  }

  restore(actorId: UserId, address: SecretAddress): Promise<ReplyOf<typeof RestoreSecretV1>> {
    return this.changes.run({ ...address, actorId, operation: 'restore' }, nothingToCheck, async () => {
      const { requestId } = await this.administration.restore(address);
      await this.changes.done(SecretRestored, fields(actorId, address, requestId), requestId);
      return { name: address.name };
    });
  }

  /** @param versionId of the version to be made; when absent a new one, from which `FollowRotation` sees when it was asked for */
  rotate(
    actorId: UserId,
    address: SecretAddress,
    versionId: string = timeOrderedId(this.clock.now()),
  ): Promise<ReplyOf<typeof RotateSecretV1>> {
    return this.changes.run({ ...address, actorId, operation: 'rotate' }, nothingToCheck, async () => {
      const { requestId } = await this.administration.rotate(address, versionId);
      const event = { ...fields(actorId, address, requestId), secretVersionId: versionId };
      await this.changes.done(SecretRotationRequested, event, requestId);
      return { name: address.name, versionId };
    });
  }

  /** @throws DomainError `request.invalid` turned on without an interval, or with one that is out of range */
  setRotation(
    actorId: UserId,
    address: SecretAddress,
    { enabled, intervalSeconds }: { enabled: boolean; intervalSeconds?: number | undefined },
  ): Promise<SecretDescription> {
    const interval = enabled ? intervalSeconds : undefined;
    const check = (): void => {
      if (enabled && interval === undefined) throw new DomainError('request.invalid', 'intervalSeconds: is missing');
      if (interval !== undefined) checkRotationInterval(interval);
    };
    return this.changes.run({ ...address, actorId, operation: 'set-rotation-policy' }, check, async () => {
      const before = rotationOf(await this.kms.describe(address));
      const { requestId } = await this.administration.setRotation(address, interval);
      const rotation = interval === undefined ? {} : { rotationIntervalSeconds: interval };
      const event = { ...fields(actorId, address, requestId), before, enabled, ...rotation };
      await this.changes.done(SecretRotationPolicyChanged, event, requestId);
      return this.kms.describe(address);
    });
  }
}

function rotationOf({ automaticRotation, rotationIntervalSeconds }: SecretDescription) {
  return {
    ...(automaticRotation !== undefined && { automaticRotation }),
    ...(rotationIntervalSeconds !== undefined && { rotationIntervalSeconds }),
  };
}

function fields(actorId: UserId, { name, regionId }: SecretAddress, kmsRequestId: string) {
  return { actorId, secretName: name, regionId, kmsRequestId };
}
