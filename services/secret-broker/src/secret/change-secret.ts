import {
  SecretDeleted,
  SecretRestored,
  SecretRotationPolicyChanged,
  SecretRotationRequested,
} from '@sallyport/contracts';
import type {
  DeleteSecretV1,
  ReplyOf,
  RotateSecretV1,
  Secret as SecretDescription,
  UserId,
} from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Clock } from '../clock.js';
import type { Deletion, KmsAdministration } from '../kms/kms-administration.js';
import { KmsError } from '../kms/kms-error.js';
import type { Kms, SecretAddress } from '../kms/kms.js';
import type { RecordedChanges } from './recorded-change.js';
import { checkRotationInterval } from './secret-rules.js';
import { timeOrderedId } from './time-ordered-id.js';
import { faceOf } from './update-secret.js';

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
      const secret = await this.#look(address);
      const before = secret && whatGoes(secret);
      const deletion: Deletion = force ? { force } : { force, ...(recoveryWindowDays && { recoveryWindowDays }) };
      const { requestId, plannedDeleteAt } = await this.administration.delete(address, deletion);
      const planned = plannedDeleteAt === undefined ? {} : { plannedDeleteAt };
      const event = { ...fields(actorId, address, requestId), before, force, ...planned };
      await this.changes.done(SecretDeleted, event, requestId);
      return { name: address.name, ...planned };
    });
  }

  restore(actorId: UserId, address: SecretAddress): Promise<SecretDescription> {
    return this.changes.run({ ...address, actorId, operation: 'restore' }, nothingToCheck, async () => {
      const { plannedDeleteAt, ...restored } = (await this.#look(address)) ?? { ...address, type: 'ECS' };
      const { requestId } = await this.administration.restore(address);
      const event = { ...fields(actorId, address, requestId), before: { plannedDeleteAt } };
      await this.changes.done(SecretRestored, event, requestId);
      return restored;
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

  /** The secret before the change; undefined where KMS does not let us look, as the change may be permitted nevertheless. */
  async #look(address: SecretAddress): Promise<SecretDescription | undefined> {
    try {
      return await this.kms.describe(address);
    } catch (error) {
      if (error instanceof KmsError && error.code === 'kms.denied') return undefined;
      throw error;
    }
  }
}

function rotationOf({ automaticRotation, rotationIntervalSeconds }: SecretDescription) {
  return {
    ...(automaticRotation !== undefined && { automaticRotation }),
    ...(rotationIntervalSeconds !== undefined && { rotationIntervalSeconds }),
  };
}

/** What nobody can look up once the secret is gone. */
function whatGoes(secret: SecretDescription) {
  const { instanceId, kind, encryptionKeyId, kmsInstanceId } = secret;
  return { instanceId, kind, encryptionKeyId, kmsInstanceId, ...faceOf(secret) };
}

function fields(actorId: UserId, { name, regionId }: SecretAddress, kmsRequestId: string) {
  return { actorId, secretName: name, regionId, kmsRequestId };
}
