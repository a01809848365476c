import type { Secret as SecretDescription } from '@sallyport/contracts';
import type { NewSecret } from './kms-administration.js';

interface Version {
  readonly versionId: string;
  readonly data: string;
}

/** A secret of `FakeKms`. */
export interface Stored {
  readonly createdAt: Date;
  secret: NewSecret;
  /** Newest first; the first is ACSCurrent, the second ACSPrevious. */
  versions: Version[];
  lastRotationAt?: Date;
  rotationFailed?: boolean;
  plannedDeleteAt?: string;
  rotationIntervalSeconds?: number;
  policy: string;
  updatedAt: Date;
  automaticRotation?: 'Invalid';
}

/** The account that owns what is in here. */
export const fakeAccount = '1000000000000001';

/** As DescribeSecret tells it. */
export function toDescription(stored: Stored): SecretDescription {
  const { secret, plannedDeleteAt, rotationIntervalSeconds, lastRotationAt, updatedAt } = stored;
  const { name, regionId, kind, instanceId, encryptionKeyId, kmsInstanceId, description, tags = [] } = secret;
  return {
    name,
    regionId,
    arn: `acs:kms:${regionId}:${fakeAccount}:secret/${name}`,
    type: 'ECS',
    kind,
    instanceId,
    tags: [...tags],
    customData: { ...secret.customData },
    createdAt: stored.createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    automaticRotation: stored.automaticRotation ?? (rotationIntervalSeconds === undefined ? 'Disabled' : 'Enabled'),
    ...(rotationIntervalSeconds !== undefined && { rotationIntervalSeconds }),
    ...(lastRotationAt && { lastRotationAt: lastRotationAt.toISOString() }),
    ...(encryptionKeyId !== undefined && { encryptionKeyId }),
    ...(kmsInstanceId !== undefined && { kmsInstanceId }),
    ...(description !== undefined && { description }),
    ...(plannedDeleteAt !== undefined && { plannedDeleteAt }),
  };
}
