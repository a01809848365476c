import { z } from 'zod';
import { ApiError } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import type { Rules } from '../rules.js';
import type { AccountState } from '../state/state.js';
import { findLiveSecret, secretArn, withSecret } from './find-secret.js';
import { refuseExpired } from './find-key.js';
import type { KmsContext } from './kms-context.js';
import { SecretName, VersionId } from './parameters.js';
import type { SecretRecord } from './secret.js';

/** RotateSecret, reference 2.10: answers at once, works in the background, idempotent by VersionId. */
export function rotateSecret({ clock, rotations }: KmsContext): Operation {
  return defineOperation({
    product: 'kms',
    action: 'RotateSecret',
    quota: 'change',
    parameters: z.object({ SecretName, VersionId }),
    run: async ({ SecretName: nameOrArn, VersionId: versionId }, { account, rules }) => {
      const now = clock.now();
      const { secret, started } = await account.update((state) => {
        const found = findLiveSecret(state, nameOrArn);
        refuseGeneric(found);
        if (isKnownVersion(found, versionId)) return { next: {}, result: { secret: found, started: false } };
        refuseWhileRotating(found);
        refuseExpired(state, found.kmsInstanceId);
        return {
          next: {
            ...withSecret(state, begin(found, versionId, now)),
            rotationRequests: countRotation(state, now, rules),
          },
          result: { secret: found, started: true },
        };
      });
      if (started) rotations.start(account, secret.name);
      return { Arn: secretArn(account.current, secret.name), SecretName: secret.name, VersionId: versionId };
    },
  });
}

/** The secret with a rotation pending. */
export function begin(secret: SecretRecord, versionId: string, now: Date): SecretRecord {
  return { ...secret, rotation: { ...secret.rotation, pending: { versionId, requestedAt: now.toISOString() } } };
}

/** @throws ApiError `InvalidParameter` */
export function refuseGeneric({ type }: SecretRecord): void {
  if (type === 'Generic') throw new ApiError('InvalidParameter', 'A Generic secret does not rotate.');
}

/** The message is documented, its code is not (reference 2.10). */
export function refuseWhileRotating({ rotation }: SecretRecord): void {
  if (rotation.pending) {
    throw new ApiError('Rejected.ResourceInUse', 'The secret is being rotated. Please try again later.', {
      situation: 'rotating',
    });
  }
}

function isKnownVersion({ versions, rotation }: SecretRecord, versionId: string): boolean {
  return rotation.pending?.versionId === versionId || versions.some((one) => one.versionId === versionId);
}

/** The requests of the last hour and this one. */
function countRotation(
  { rotationRequests }: AccountState,
  now: Date,
  { quotaScale, rotationsPerHour }: Rules,
): string[] {
  const most = rotationsPerHour * quotaScale;
  const hourAgo = now.getTime() - 3_600_000;
  const recent = rotationRequests.filter((at) => new Date(at).getTime() > hourAgo);
  if (quotaScale > 0 && recent.length >= most) {
    throw new ApiError('Rejected.Throttling', `At most ${most} rotations an hour.`, {
      situation: 'too-many-rotations',
    });
  }
  return [...recent, now.toISOString()];
}
