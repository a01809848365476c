import { SecretChangeRefused, SecretChangeRequested } from '@sallyport/contracts';
import type { EventContract, EventData, UserId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import { KmsError } from '../kms/kms-error.js';
import type { SecretAddress } from '../kms/kms.js';
import type { SecretIndex } from './secret-index.js';
import { checkEcsSecret } from './secret-rules.js';

/** Who changes which secret, and how. */
export interface Change extends SecretAddress {
  readonly actorId: UserId;
  readonly operation: string;
}

/** What every change to a secret goes through: on record before KMS is asked, and again with the way it ended. */
export class RecordedChanges {
  constructor(
    private readonly audit: AuditPublisher,
    private readonly index: SecretIndex,
  ) {}

  /**
   * @param check throws when a rule of ours is broken; then nothing is sent
   * @param work asks KMS
   * @throws DomainError `request.invalid` it is no ECS secret; `audit.unavailable` nothing was done, as it could not be recorded; and
   * what `check` and `work` throw
   */
  async run<T>(change: Change, check: () => void | Promise<void>, work: () => Promise<T>): Promise<T> {
    const { actorId, operation, name, regionId } = change;
    try {
      checkEcsSecret(name);
      await check();
      await this.audit.publish(SecretChangeRequested, { actorId, operation, regionId, secretName: name });
      const done = await work();
      await this.index.note(regionId, name);
      return done;
    } catch (error) {
      await this.#recordRefusal(change, error);
      throw error;
    }
  }

  /**
   * Records that KMS did it.
   * @throws DomainError `audit.unavailable`: the change stands, and is not to be repeated
   */
  async done<E extends EventContract>(event: E, data: EventData<E>, requestId: string): Promise<void> {
    await this.audit.publish(event, data).catch((cause: unknown) => {
      const message = `KMS did this (request ${requestId}), but it could not be recorded; do not repeat it`;
      throw new DomainError('audit.unavailable', message, { cause });
    });
  }

  async #recordRefusal({ actorId, operation, name, regionId }: Change, error: unknown): Promise<void> {
    const kms = error instanceof KmsError ? error : undefined;
    const refusal = {
      actorId,
      operation,
      secretName: name,
      regionId,
      code: error instanceof DomainError ? error.code : 'internal',
      ...(kms && { kmsCode: kms.kmsCode }),
      ...(kms?.requestId && { kmsRequestId: kms.requestId }),
    };
    // The refusal stands, recorded or not. The publisher counts and logs the loss.
    await this.audit.publish(SecretChangeRefused, refusal).catch(() => undefined);
  }
}
