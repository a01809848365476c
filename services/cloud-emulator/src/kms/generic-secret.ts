import { z } from 'zod';
import { ApiError } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import { findLiveSecret, withSecret } from './find-secret.js';
import { refuseUnusableKeyOf } from './find-key.js';
import type { KmsContext } from './kms-context.js';
import { jsonText, SecretName, VersionId } from './parameters.js';
import { SecretData } from './secret-data.js';
import { valueContext } from './secret.js';
import type { SecretRecord, SecretVersion } from './secret.js';

const maxVersions = 10;
const maxStages = 8;
const StageName = z.string().min(1).max(64);

/** PutSecretValue and UpdateSecretVersionStage, reference 2.6 and 2.8: for Generic secrets alone. */
export function genericSecretOperations(context: KmsContext): Operation[] {
  return [putSecretValue(context), updateSecretVersionStage];
}

function putSecretValue({ vault, clock }: KmsContext): Operation {
  return defineOperation({
    product: 'kms',
    action: 'PutSecretValue',
    quota: 'change',
    parameters: z.object({
      SecretName,
      VersionId,
      SecretData,
      SecretDataType: z.enum(['text', 'binary']).default('text'),
      VersionStages: jsonText(z.array(StageName).min(1).max(maxStages)).default(['ACSCurrent']),
    }),
    run: (input, { account }) =>
      account.update((state) => {
        const secret = generic(findLiveSecret(state, input.SecretName));
        refuseUnusableKeyOf(state, secret);
        const context = valueContext(secret.name, input.VersionId);
        const result = {
          SecretName: secret.name,
          VersionId: input.VersionId,
          VersionStages: { VersionStage: input.VersionStages },
        };
        const known = secret.versions.find(({ versionId }) => versionId === input.VersionId);
        if (known) {
          const same = known.value && vault.unseal(known.value, context) === input.SecretData;
          if (same) return { next: {}, result };
          throw new ApiError('Rejected.ResourceExist', 'The version exists with another value.', {
            situation: 'version-exists',
          });
        }
        const version: SecretVersion = {
          versionId: input.VersionId,
          createdAt: clock.now().toISOString(),
          stages: [],
          value: vault.seal(secret.encryptionKeyId, input.SecretData, context),
          dataType: input.SecretDataType,
        };
        const added = { ...secret, versions: [version, ...secret.versions] };
        const staged = input.VersionStages.reduce((one, stage) => moveStage(one, stage, input.VersionId), added);
        refuseTooManyStages(staged);
        return { next: withSecret(state, { ...staged, versions: withoutOldest(staged.versions) }), result };
      }),
  });
}

const updateSecretVersionStage: Operation = defineOperation({
  product: 'kms',
  action: 'UpdateSecretVersionStage',
  quota: 'change',
  parameters: z.object({
    SecretName,
    VersionStage: StageName,
    MoveToVersion: VersionId.optional(),
    RemoveFromVersion: VersionId.optional(),
  }),
  run: (input, { account }) =>
    account.update((state) => {
      const secret = generic(findLiveSecret(state, input.SecretName));
      const { VersionStage: stage, MoveToVersion: to, RemoveFromVersion: from } = input;
      if (to === undefined && from === undefined) throw invalid('MoveToVersion or RemoveFromVersion has to be given');
      if (to === undefined && /^ACS(Current|Previous)$/.test(stage)) throw invalid(`${stage} is moved, not removed`);
      for (const id of [to, from]) if (id !== undefined) refuseUnknownVersion(secret, id);
      const removed = from === undefined ? secret : withoutStage(secret, stage, from);
      const moved = to === undefined ? removed : moveStage(removed, stage, to);
      refuseTooManyStages(moved);
      return { next: withSecret(state, moved), result: { SecretName: secret.name } };
    }),
});

function generic(secret: SecretRecord): SecretRecord {
  if (secret.type !== 'Generic') {
    throw new ApiError('InvalidParameter', 'The values of a managed secret are changed by rotation alone.', {
      situation: 'value-of-managed-secret',
    });
  }
  return secret;
}

/** A stage marks one version. What was current becomes previous. */
function moveStage(secret: SecretRecord, stage: string, to: string): SecretRecord {
  const from = secret.versions.find(({ stages }) => stages.includes(stage))?.versionId;
  const moved = secret.versions.map((version) => ({
    ...version,
    stages: [...version.stages.filter((one) => one !== stage), ...(version.versionId === to ? [stage] : [])],
  }));
  const next = { ...secret, versions: moved };
  return stage === 'ACSCurrent' && from !== undefined && from !== to ? moveStage(next, 'ACSPrevious', from) : next;
}

function withoutStage(secret: SecretRecord, stage: string, from: string): SecretRecord {
  const versions = secret.versions.map((version) =>
    version.versionId === from ? { ...version, stages: version.stages.filter((one) => one !== stage) } : version,
  );
  return { ...secret, versions };
}

/** Built-in ones count. @throws ApiError `Rejected.LimitExceeded` */
function refuseTooManyStages({ versions }: SecretRecord): void {
  const stages = versions.flatMap((version) => version.stages);
  if (stages.length > maxStages) throw new ApiError('Rejected.LimitExceeded', `At most ${maxStages} stages.`);
}

/** The oldest without a stage goes first; there is one, as there are fewer stages than versions. */
function withoutOldest(versions: readonly SecretVersion[]): SecretVersion[] {
  if (versions.length <= maxVersions) return [...versions];
  const oldest = versions.findLast(({ stages }) => stages.length === 0);
  return versions.filter((version) => version !== oldest);
}

function refuseUnknownVersion({ versions }: SecretRecord, id: string): void {
  if (!versions.some(({ versionId }) => versionId === id)) {
    throw new ApiError('Forbidden.ResourceNotFound', 'The version is not found.');
  }
}

function invalid(rule: string): ApiError {
  return new ApiError('InvalidParameter', `The request is not valid: ${rule}.`);
}
