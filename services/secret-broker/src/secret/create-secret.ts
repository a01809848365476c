import { randomUUID } from 'node:crypto';
import { SecretCreated } from '@sallyport/contracts';
import type {
  CreateSecretV1,
  RequestOf,
  Secret as SecretDescription,
  SecretWarning,
  UserId,
} from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { SealingKey } from '@sallyport/sealing';
import { Secret } from '@sallyport/secret';
import { userNameIn } from '../credential/secret-data.js';
import type { KmsAdministration, NewSecret } from '../kms/kms-administration.js';
import { KmsError } from '../kms/kms-error.js';
import type { Kms } from '../kms/kms.js';
import type { CheckEncryptionKey } from './check-encryption-key.js';
import type { FindSameAccount } from './find-same-account.js';
import type { GenerateValue } from './generate-value.js';
import type { RecordedChanges } from './recorded-change.js';
import { ownerOf, policyFor } from './secret-policy.js';
import { checkSecretInput, checkValueSize } from './secret-rules.js';

export type CreateSecretRequest = Omit<RequestOf<typeof CreateSecretV1>, 'actor'>;

/** A new secret and the account it is for. */
interface Wanted {
  readonly secret: NewSecret;
  readonly userName: string;
}

const notOnInstance: SecretWarning = {
  code: 'value-not-on-instance',
  message:
    'the value was made just now and the instance does not know it: rotate the secret, so that KMS puts one there',
};

/**
 * Makes an ECS secret in KMS, when it keeps the rules and its first value is a credential that a logon could use: one that was
 * given, sealed, or one that is made here and shown to nobody.
 * @throws DomainError `request.invalid`, `secret.malformed`: nothing was sent; `secret.*`, `kms.*` from KMS; `audit.unavailable`
 */
export class CreateSecret {
  constructor(
    private readonly kms: Kms,
    private readonly administration: KmsAdministration,
    private readonly sealingKey: SealingKey,
    private readonly changes: RecordedChanges,
    private readonly keys: CheckEncryptionKey,
    private readonly values: GenerateValue,
    private readonly sameAccount: FindSameAccount,
  ) {}

  async run(actorId: UserId, request: CreateSecretRequest): Promise<SecretDescription> {
    const { name, regionId } = request;
    let wanted: Wanted | undefined;
    const check = async (): Promise<void> => {
      checkSecretInput(request);
      wanted = await this.#prepare(request);
    };
    return this.changes.run({ actorId, name, regionId, operation: 'create' }, check, async () => {
      if (!wanted) throw new TypeError('checked before');
      const { secret, userName } = wanted;
      const { requestId } = await this.administration.create(secret);
      await this.#record(actorId, wanted, requestId);
      const created = await this.kms.describe(secret).catch((error: unknown) => describeFrom(request, error));
      const warnings = await this.sameAccount.run(secret, userName);
      if (request.generate) warnings.push(notOnInstance);
      return { ...created, ...(warnings.length > 0 && { warnings }) };
    });
  }

  /** All that is to be found out before anything is asked of KMS that changes it. */
  async #prepare(request: CreateSecretRequest): Promise<Wanted> {
    const { regionId, encryptionKeyId, kmsInstanceId, access, policy } = request;
    const { data, userName } = await this.#value(request);
    const key = encryptionKeyId && (await this.keys.run(regionId, encryptionKeyId, kmsInstanceId));
    if (access && policy !== undefined) throw new DomainError('request.invalid', 'access: not together with policy');
    const secret = toNewSecret(request, data, {
      ...(key && key.kmsInstanceId !== undefined && { kmsInstanceId: key.kmsInstanceId }),
      ...(access && { policy: policyFor(access, key ? ownerOf(key.arn) : undefined) }),
    });
    return { secret, userName };
  }

  async #value({
    name,
    regionId,
    kind,
    value,
    generate,
  }: CreateSecretRequest): Promise<{ data: Secret<string>; userName: string }> {
    if ((value === undefined) === (generate === undefined))
      throw new DomainError('request.invalid', 'value: either give one or have one made');
    const data = generate ? await this.values.run(regionId, kind, generate.userName) : await this.#open(name, value);
    return { data, userName: userNameIn(data, kind) };
  }

  /** The value in clear, as a string that cannot be wiped: the SDK wants one. */
  async #open(name: string, value: CreateSecretRequest['value']): Promise<Secret<string>> {
    if (!value) throw new TypeError('checked before');
    const bytes = await this.sealingKey.open(value, name).catch(() => {
      throw new DomainError('request.invalid', 'value: it is not sealed to the broker for this name');
    });
    try {
      checkValueSize(bytes);
      return Secret.of(bytes.toString('utf8'));
    } finally {
      bytes.fill(0);
    }
  }

  async #record(actorId: UserId, { secret, userName }: Wanted, kmsRequestId: string): Promise<void> {
    const { name, regionId, instanceId, kind, versionId, rotationIntervalSeconds } = secret;
    const { encryptionKeyId, kmsInstanceId, tags = [], description, customData = {}, policy } = secret;
    const event = { actorId, secretName: name, regionId, kmsRequestId, instanceId, kind, secretVersionId: versionId };
    const after = { description, customData, tags: [...tags] };
    const more = { rotationIntervalSeconds, userName, encryptionKeyId, kmsInstanceId, after, policy };
    await this.changes.done(SecretCreated, { ...event, ...more }, kmsRequestId);
  }
}

function toNewSecret(
  request: CreateSecretRequest,
  data: Secret<string>,
  found: Pick<NewSecret, 'kmsInstanceId' | 'policy'>,
): NewSecret {
  const { name, regionId, instanceId, kind, encryptionKeyId, kmsInstanceId, tags, rotation } = request;
  const { description, customData, policy } = request;
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
    ...(customData && { customData }),
    ...(policy !== undefined && { policy }),
    ...found,
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
