import { z } from 'zod';
import { Sealed } from '../state/key-vault.js';

const DataType = z.enum(['text', 'binary']);

/** A version with no stage is deprecated: its id is kept, its value is not. */
export const SecretVersion = z.object({
  versionId: z.string(),
  createdAt: z.string(),
  /** Built-in ones, and others for Generic secrets. */
  stages: z.array(z.string()),
  value: Sealed.optional(),
  /** Of the value, as PutSecretValue was told; the secret's own where it was not. */
  dataType: DataType.optional(),
});
export type SecretVersion = z.infer<typeof SecretVersion>;

export const Tag = z.object({ key: z.string(), value: z.string() });
export type Tag = z.infer<typeof Tag>;

/** Which credential of which instance an ECS secret is. */
export const EcsBinding = z.object({
  secretSubType: z.enum(['Password', 'SSHKey']),
  regionId: z.string(),
  instanceId: z.string(),
  customData: z.record(z.string(), z.string()),
});
export type EcsBinding = z.infer<typeof EcsBinding>;

/** A rotation under way. `undo` is there once the new version became ACSCurrent, to take that back on failure. */
export const PendingRotation = z.object({
  versionId: z.string(),
  requestedAt: z.string(),
  value: Sealed.optional(),
  undo: z.object({ versions: z.array(SecretVersion), lastRotatedAt: z.string().optional() }).optional(),
});
export type PendingRotation = z.infer<typeof PendingRotation>;

export const SecretRecord = z.object({
  name: z.string(),
  type: z.enum(['ECS', 'Generic']),
  /** Of the value that it was made with. */
  dataType: DataType,
  description: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  /** In its deletion window until then. */
  plannedDeleteAt: z.string().optional(),
  kmsInstanceId: z.string().optional(),
  encryptionKeyId: z.string(),
  tags: z.array(Tag),
  policy: z.string(),
  ecs: EcsBinding.optional(),
  rotation: z.object({
    status: z.enum(['Enabled', 'Disabled', 'Invalid']),
    /** Kept while the status is Invalid. */
    intervalSeconds: z.int().optional(),
    lastRotatedAt: z.string().optional(),
    pending: PendingRotation.optional(),
  }),
  /** Newest first. */
  versions: z.array(SecretVersion),
});
export type SecretRecord = z.infer<typeof SecretRecord>;

/** What a sealed secret value is bound to. */
export function valueContext(secretName: string, versionId: string): string {
  return `secret/${secretName}/version/${versionId}`;
}

/** The version that carries a stage. */
export function versionAt({ versions }: SecretRecord, stage: string): SecretVersion | undefined {
  return versions.find(({ stages }) => stages.includes(stage));
}

/** When the schedule rotates next; undefined unless automatic rotation is Enabled. */
export function nextRotationAt({ rotation, createdAt }: SecretRecord): Date | undefined {
  const { status, intervalSeconds, lastRotatedAt } = rotation;
  if (status !== 'Enabled' || intervalSeconds === undefined) return undefined;
  return new Date(new Date(lastRotatedAt ?? createdAt).getTime() + intervalSeconds * 1_000);
}
