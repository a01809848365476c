import { randomUUID } from 'node:crypto';
import { SecretCreated } from '@sallyport/contracts';
import type { CreateSecretV1, RequestOf, Secret as SecretDescription, UserId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { SealingKey } from '@sallyport/sealing';
import { Secret } from '@sallyport/secret';
import { parseSecretData, wipeCredential } from '../credential/secret-data.js';
import { KmsError } from '../kms/kms-error.js';
import type { Kms, NewSecret } from '../kms/kms.js';
import type { RecordedChanges } from './recorded-change.js';
import { checkSecretInput, checkValueSize } from './secret-rules.js';

export type CreateSecretRequest = Omit<RequestOf<typeof CreateSecretV1>, 'actor'>;

/**
 * Makes an ECS secret in KMS, when it keeps the rules and its first value is a credential that a logon could use.
 * @throws DomainError `request.invalid`, `secret.malformed`: nothing was sent; `secret.*`, `kms.*` from KMS; `audit.unavailable`
 */
export class CreateSecret {
  constructor(
    private readonly kms: Kms,
    private readonly sealingKey: SealingKey,
    private readonly changes: RecordedChanges,
  ) {}

  async run(actorId: UserId, request: CreateSecretRequest): Promise<SecretDescription> {
    const { name, regionId } = request;
    let secret: NewSecret | undefined;
    const check = async (): Promise<void> => {
      checkSecretInput(request);
      secret = toNewSecret(request, await this.#open(request));
    };
    return this.changes.run({ actorId, name, regionId, operation: 'create' }, check, async () => {
      if (!secret) throw new TypeError('checked before');
      const { requestId } = await this.kms.create(secret);
      await this.#record(actorId, secret, requestId);
      return this.kms.describe(secret).catch((error: unknown) => describeFrom(request, error));
    });
  }

  /** The value in clear, as a string that cannot be wiped: the SDK wants one. */
  async #open({ name, kind, value }: CreateSecretRequest): Promise<Secret<string>> {
    const bytes = await this.sealingKey.open(value, name).catch(() => {
      throw new DomainError('request.invalid', 'value: it is not sealed to the broker for this name');
    });
    try {
      checkValueSize(bytes);
      const data = Secret.of(bytes.toString('utf8'));
      wipeCredential(parseSecretData(data, kind));
      return data;
    } finally {
      bytes.fill(0);
    }
  }

  async #record(actorId: UserId, secret: NewSecret, kmsRequestId: string): Promise<void> {
    const { name, regionId, instanceId, kind, versionId, rotationIntervalSeconds } = secret;
    const event = { actorId, secretName: name, regionId, kmsRequestId, instanceId, kind, secretVersionId: versionId };
    const rotation = rotationIntervalSeconds === undefined ? {} : { rotationIntervalSeconds };
    await this.changes.done(SecretCreated, { ...event, ...rotation }, kmsRequestId);
  }
}

function toNewSecret(request: CreateSecretRequest, data: Secret<string>): NewSecret {
  const { name, regionId, instanceId, kind, encryptionKeyId, kmsInstanceId, tags, rotation, description, policy } =
    request;
  return {
    name,
    regionId,
    instanceId,
    kind,
    data,
    versionId: randomUUID(),
    ...(encryptionKeyId !== undefined && { encryptionKeyId }),
    ...(kmsInstanceId !== undefined && { kmsInstanceId }),
    ...(tags && { tags }),
    ...(rotation && { rotationIntervalSeconds: rotation.intervalSeconds }),
    ...(description !== undefined && { description }),
    ...(policy !== undefined && { policy }),
  };
}

/** The secret exists, though KMS would not describe it just now: what was asked for is then the answer. */
function describeFrom(
  { name, regionId, kind, instanceId, tags }: CreateSecretRequest,
  error: unknown,
): SecretDescription {
  if (!(error instanceof KmsError)) throw error;
  return { name, regionId, type: 'ECS', kind, instanceId, ...(tags && { tags }) };
}
