import { apiTime } from '../clock.js';
import type { Rules } from '../rules.js';
import { extendedConfigText } from './extended-config.js';
import { nextRotationAt } from './secret.js';
import type { SecretRecord } from './secret.js';

/** What every answer about a managed secret says of its rotation; nothing for a Generic one. */
export function rotationFacts(secret: SecretRecord, { intervalWhenInvalid }: Rules): object {
  if (secret.type === 'Generic') return {};
  const { status, intervalSeconds, lastRotatedAt } = secret.rotation;
  const next = nextRotationAt(secret);
  const told = status === 'Enabled' || (status === 'Invalid' && intervalWhenInvalid);
  return {
    AutomaticRotation: status,
    ...(told && intervalSeconds !== undefined && { RotationInterval: `${intervalSeconds}s` }),
    ...(next && { NextRotationDate: apiTime(next) }),
    ...(lastRotatedAt !== undefined && { LastRotationDate: apiTime(new Date(lastRotatedAt)) }),
  };
}

/** `ExtendedConfig`, a string of JSON; nothing for a Generic secret. */
export function extendedConfigFact({ ecs }: SecretRecord, rules: Rules): object {
  return ecs ? { ExtendedConfig: extendedConfigText(ecs, rules) } : {};
}

export function deletionFact({ plannedDeleteAt }: SecretRecord): object {
  return plannedDeleteAt === undefined ? {} : { PlannedDeleteTime: apiTime(new Date(plannedDeleteAt)) };
}
