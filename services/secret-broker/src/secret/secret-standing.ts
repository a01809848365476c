import type { Secret as SecretDescription, SecretStanding } from '@sallyport/contracts';

/** What KMS's description of a secret means for those who log on with it. */
export function standingOf(secret: SecretDescription): SecretStanding {
  const { plannedDeleteAt, automaticRotation, lastRotationAt, nextRotationAt } = secret;
  const failed = automaticRotation === 'Invalid' ? 'rotation-failed' : 'ok';
  return {
    state: plannedDeleteAt === undefined ? failed : 'deletion-planned',
    ...(lastRotationAt !== undefined && { lastRotationAt }),
    ...(nextRotationAt !== undefined && { nextRotationAt }),
    ...(plannedDeleteAt !== undefined && { plannedDeleteAt }),
  };
}
