import { z } from 'zod';
import { apiTime } from '../clock.js';
import { ApiError } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import { findReadableSecret } from './find-secret.js';
import { refuseUnusableKeyOf } from './find-key.js';
import type { KmsContext } from './kms-context.js';
import { Flag, SecretName, VersionId } from './parameters.js';
import { extendedConfigFact, rotationFacts } from './secret-facts.js';
import { valueContext, versionAt } from './secret.js';

/** GetSecretValue, reference 2.3. VersionId is ignored for ECS secrets. */
export function getSecretValue({ vault }: KmsContext): Operation {
  return defineOperation({
    product: 'kms',
    action: 'GetSecretValue',
    quota: 'secret-read',
    dryRun: true,
    parameters: z.object({
      SecretName,
      VersionStage: z.string().max(64).default('ACSCurrent'),
      VersionId: VersionId.optional(),
      FetchExtendedConfig: Flag.default(false),
      /** What comes of it is for the gateway to say. */
      DryRun: Flag.default(false),
    }),
    run: (input, { account, rules }) => {
      const secret = findReadableSecret(account.current, input.SecretName);
      if (secret.type !== 'Generic' && !/^ACS(Current|Previous)$/.test(input.VersionStage)) {
        throw new ApiError('InvalidParameter', 'The stage of a managed secret is ACSCurrent or ACSPrevious.');
      }
      const byId = secret.type === 'Generic' && input.VersionId !== undefined;
      const version = byId
        ? secret.versions.find(({ versionId }) => versionId === input.VersionId)
        : versionAt(secret, input.VersionStage);
      if (!version?.value) throw new ApiError('Forbidden.ResourceNotFound', 'Resource not found.');
      refuseUnusableKeyOf(account.current, secret);
      return {
        SecretName: secret.name,
        SecretType: secret.type,
        SecretData: vault.unseal(version.value, valueContext(secret.name, version.versionId)),
        SecretDataType: version.dataType ?? secret.dataType,
        VersionId: version.versionId,
        VersionStages: { VersionStage: version.stages },
        CreateTime: apiTime(new Date(secret.createdAt)),
        ...rotationFacts(secret, rules),
        ...(input.FetchExtendedConfig && extendedConfigFact(secret, rules)),
      };
    },
  });
}
