import { omit } from '../omit.js';
import type { SecretRecord, SecretVersion } from './secret.js';

/** Ids of old versions are remembered, so that RotateSecret stays idempotent; their values are not. */
const rememberedVersions = 100;

/** The new version becomes ACSCurrent, the old one ACSPrevious, the one before loses its stage and value. */
export function promote(secret: SecretRecord, now: string): SecretRecord {
  const { pending } = secret.rotation;
  if (!pending?.value || pending.undo) return secret;
  const next: SecretVersion = {
    versionId: pending.versionId,
    createdAt: now,
    stages: ['ACSCurrent'],
    value: pending.value,
  };
  const { lastRotatedAt } = secret.rotation;
  const undo = { versions: secret.versions, ...(lastRotatedAt !== undefined && { lastRotatedAt }) };
  return {
    ...secret,
    updatedAt: now,
    versions: [next, ...secret.versions.map(demote)].slice(0, rememberedVersions),
    rotation: { ...secret.rotation, lastRotatedAt: now, pending: { ...pending, undo } },
  };
}

/** The rotation is over and went well. One that was Invalid runs by its schedule again. */
export function complete(secret: SecretRecord): SecretRecord {
  const rotation = omit(secret.rotation, 'pending');
  const scheduled = rotation.intervalSeconds !== undefined;
  const status = rotation.status === 'Invalid' ? (scheduled ? 'Enabled' : 'Disabled') : rotation.status;
  return { ...secret, rotation: { ...rotation, status } };
}

/** The rotation is over and failed: stages are as before it, and the automatic rotation stops as Invalid. */
export function fail(secret: SecretRecord, now: string): SecretRecord {
  const { pending, lastRotatedAt, ...rotation } = secret.rotation;
  const before = pending?.undo ? pending.undo.lastRotatedAt : lastRotatedAt;
  return {
    ...secret,
    updatedAt: now,
    versions: pending?.undo?.versions ?? secret.versions,
    rotation: { ...rotation, status: 'Invalid', ...(before !== undefined && { lastRotatedAt: before }) },
  };
}

function demote(version: SecretVersion): SecretVersion {
  if (version.stages.includes('ACSCurrent')) return { ...version, stages: ['ACSPrevious'] };
  return { ...omit(version, 'value'), stages: [] };
}
