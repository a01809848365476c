import { z } from 'zod';
import { apiTime } from '../clock.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import { findReadableSecret } from './find-secret.js';
import type { PendingRotation, SecretVersion } from './secret.js';
import { Flag, inOrder, page, PageNumber, SecretName, wholeNumber } from './parameters.js';

/** ListSecretVersionIds, reference 2.5: newest first, unless the rules say otherwise. */
export const listSecretVersionIds: Operation = defineOperation({
  product: 'kms',
  action: 'ListSecretVersionIds',
  quota: 'list',
  parameters: z.object({
    SecretName,
    IncludeDeprecated: Flag.default(false),
    PageNumber,
    PageSize: wholeNumber(1, 100).default(20),
  }),
  run: (input, { account, rules }) => {
    const secret = findReadableSecret(account.current, input.SecretName);
    const { pending } = secret.rotation;
    const shown =
      rules.pendingStage && pending && !pending.undo ? [pendingVersion(pending), ...secret.versions] : secret.versions;
    const versions = shown.filter(({ stages }) => input.IncludeDeprecated || stages.length > 0);
    return {
      SecretName: secret.name,
      VersionIds: {
        VersionId: page(inOrder(versions, rules), input.PageNumber, input.PageSize).map(
          ({ versionId, createdAt, stages }) => ({
            VersionId: versionId,
            CreateTime: apiTime(new Date(createdAt)),
            VersionStages: { VersionStage: stages },
          }),
        ),
      },
      PageNumber: input.PageNumber,
      PageSize: input.PageSize,
      TotalCount: versions.length,
    };
  },
});

/** What a rotation is making; the pages show no such stage (reference 3.1). */
function pendingVersion({ versionId, requestedAt }: PendingRotation): SecretVersion {
  return { versionId, createdAt: requestedAt, stages: ['ACSPending'] };
}
