import type { KmsInstance, KmsKey } from '@sallyport/contracts';
import { Secret } from '@sallyport/secret';
import type { z } from 'zod';
import { createParameters } from './create-parameters.js';
import {
  DeleteAnswer,
  InstancesAnswer,
  KeyAnswer,
  KeysAnswer,
  PasswordAnswer,
  PolicyAnswer,
  Recorded,
  RegionsAnswer,
  toInstance,
  toKey,
} from './kms-answers.js';
import type { KmsCalls, Parameters } from './kms-calls.js';
import type { KmsError } from './kms-error.js';
import type { KmsAction } from './kms-gateway.js';
import { KmsClient } from './kms-client.js';
import { KmsAdministration } from './kms-administration.js';
import type { Deletion, Done, KeyPage, NewSecret, SecretFace, Tag } from './kms-administration.js';
import type { SecretAddress } from './kms.js';

/** The largest page of ListKmsInstances, and a bound on their number. */
const PAGE_SIZE = 100;
const PAGES_AT_MOST = 10;
/** Signs that shells, XML and SQL take for their own, and that people cannot tell apart in a password. */
const UNWANTED_SIGNS = '"\'`\\<>&';

/** Port adapter: what changes KMS, and what one chooses from to do so. */
export class KmsAdministrationClient extends KmsAdministration {
  /** To find out what became of a call whose answer was lost. */
  readonly #reading: KmsClient;

  constructor(private readonly calls: KmsCalls) {
    super();
    this.#reading = new KmsClient(calls);
  }

  override async create(secret: NewSecret): Promise<Done> {
    const { regionId } = secret;
    const operation = {
      regionId,
      action: 'CreateSecret' as const,
      parameters: createParameters(secret),
      schema: Recorded,
    };
    const { RequestId } = await this.calls.change(operation, async (error) => {
      const versions = error.code === 'secret.exists' ? await this.#reading.listVersions(secret) : [];
      return versions.some(({ versionId }) => versionId === secret.versionId) ? recorded(error) : undefined;
    });
    return { requestId: RequestId };
  }

  override async delete(address: SecretAddress, deletion: Deletion): Promise<Done & { plannedDeleteAt?: string }> {
    const { force } = deletion;
    const days = force ? undefined : deletion.recoveryWindowDays;
    const parameters: Parameters = {
      SecretName: address.name,
      ForceDeleteWithoutRecovery: String(force),
      ...(days !== undefined && { RecoveryWindowInDays: String(days) }),
    };
    const { regionId } = address;
    const operation = { regionId, action: 'DeleteSecret' as const, parameters, schema: DeleteAnswer };
    const answer = await this.calls.change(operation, async (error) => {
      if (error.code !== (force ? 'secret.not-found' : 'secret.deleted')) return undefined;
      const { plannedDeleteAt } = force ? {} : await this.#reading.describe(address);
      return { ...recorded(error), PlannedDeleteTime: plannedDeleteAt ? new Date(plannedDeleteAt) : undefined };
    });
    // What is gone has no time left, whatever KMS says of it.
    const plannedDeleteAt = force ? undefined : answer.PlannedDeleteTime?.toISOString();
    return { requestId: answer.RequestId, ...(plannedDeleteAt && { plannedDeleteAt }) };
  }

  override async restore({ regionId, name }: SecretAddress): Promise<Done> {
    const parameters = { SecretName: name };
    const operation = { regionId, action: 'RestoreSecret' as const, parameters, schema: Recorded };
    const { RequestId } = await this.calls.change(operation, (error) =>
      error.code === 'secret.not-deleted' ? recorded(error) : undefined,
    );
    return { requestId: RequestId };
  }

  override rotate(address: SecretAddress, versionId: string): Promise<Done> {
    return this.#do(address, 'RotateSecret', { VersionId: versionId });
  }

  override setRotation(address: SecretAddress, intervalSeconds: number | undefined): Promise<Done> {
    return this.#do(address, 'UpdateSecretRotationPolicy', {
      EnableAutomaticRotation: String(intervalSeconds !== undefined),
      ...(intervalSeconds !== undefined && { RotationInterval: `${intervalSeconds}s` }),
    });
  }

  override update(address: SecretAddress, { description, customData }: SecretFace): Promise<Done> {
    return this.#do(address, 'UpdateSecret', {
      ...(description !== undefined && { Description: description }),
      ...(customData && { 'ExtendedConfig.CustomData': JSON.stringify(customData) }),
    });
  }

  override tag(address: SecretAddress, tags: readonly Tag[]): Promise<Done> {
    const named = tags.map(({ key, value }) => ({ TagKey: key, TagValue: value }));
    return this.#do(address, 'TagResource', { Tags: JSON.stringify(named) });
  }

  override untag(address: SecretAddress, keys: readonly string[]): Promise<Done> {
    return this.#do(address, 'UntagResource', { TagKeys: JSON.stringify(keys) });
  }

  override async readPolicy({ regionId, name }: SecretAddress): Promise<string> {
    const parameters = { SecretName: name, PolicyName: 'default' };
    return (await this.calls.call({ regionId, action: 'GetSecretPolicy', parameters, schema: PolicyAnswer })).Policy;
  }

  override setPolicy(address: SecretAddress, policy: string): Promise<Done> {
    return this.#do(address, 'SetSecretPolicy', { PolicyName: 'default', Policy: policy });
  }

  override async newPassword(regionId: string, length: number): Promise<Secret<string>> {
    const parameters = {
      PasswordLength: String(length),
      ExcludeCharacters: UNWANTED_SIGNS,
      RequireEachIncludedType: 'true',
    };
    const schema = PasswordAnswer;
    const answer = await this.calls.call({ regionId, action: 'GetRandomPassword', parameters, schema });
    return Secret.of(answer.RandomPassword);
  }

  override async describeKey(regionId: string, keyId: string): Promise<KmsKey> {
    const parameters = { KeyId: keyId };
    return toKey(await this.calls.call({ regionId, action: 'DescribeKey', parameters, schema: KeyAnswer }));
  }

  override async listKeys(
    regionId: string,
    page: { number: number; size: number; kmsInstanceId?: string },
  ): Promise<KeyPage> {
    const parameters = {
      PageNumber: String(page.number),
      PageSize: String(page.size),
      ...(page.kmsInstanceId !== undefined && {
        Filters: JSON.stringify([{ Key: 'DKMSInstanceId', Values: [page.kmsInstanceId] }]),
      }),
    };
    const answer = await this.calls.call({ regionId, action: 'ListKeys', parameters, schema: KeysAnswer });
    return { keyIds: answer.Keys.map(({ KeyId }) => KeyId), totalCount: answer.TotalCount };
  }

  override async listInstances(regionId: string): Promise<KmsInstance[]> {
    const found = new Map<string, KmsInstance>();
    for (let number = 1; number <= PAGES_AT_MOST; number++) {
      const parameters = { PageNumber: String(number), PageSize: String(PAGE_SIZE) };
      const schema = InstancesAnswer;
      const answer = await this.calls.call({ regionId, action: 'ListKmsInstances', parameters, schema });
      for (const one of answer.KmsInstances) found.set(one.KmsInstanceId, toInstance(one));
      if (number * PAGE_SIZE >= answer.TotalCount) break;
    }
    return [...found.values()];
  }

  override async listRegions(regionId: string): Promise<string[]> {
    const schema = RegionsAnswer;
    const answer = await this.calls.call({ regionId, action: 'DescribeRegions', parameters: {}, schema });
    return answer.Regions.map(({ RegionId }) => RegionId);
  }

  /** A change that may be repeated: it says how things shall be, or carries an id of its own. */
  async #do({ regionId, name }: SecretAddress, action: KmsAction, parameters: Parameters): Promise<Done> {
    const operation = { regionId, action, parameters: { SecretName: name, ...parameters }, schema: Recorded };
    const { RequestId } = await this.calls.call(operation);
    return { requestId: RequestId };
  }
}

function recorded({ requestId = '' }: KmsError): z.infer<typeof Recorded> {
  return { RequestId: requestId };
}
