import { randomUUID } from 'node:crypto';
import { apiTime } from '../clock.js';
import type { AccountState } from '../state/state.js';
import type { Rules } from '../rules.js';
import type { RotationEvent } from './rotation-event.js';
import type { SecretRecord } from './secret.js';

/** The oldest go first. */
const keptEvents = 1_000;

/**
 * The events with one more, about a secret whose rotation is over.
 * @param failure why it failed, without any value
 */
export function withEvent(
  { events, regionId, accountId }: Readonly<AccountState>,
  { name: secretName, ecs, rotation }: SecretRecord,
  now: Date,
  { rotationEntity, unscheduledRotationStatus, rotationErrorCode }: Rules,
  failure?: string,
): Pick<AccountState, 'events'> {
  if (!ecs) return { events };
  const content = {
    eventId: randomUUID(),
    secretName,
    secretType: 'ECS' as const,
    secretSubType: ecs.secretSubType,
    rotationEntityArn:
      rotationEntity === 'instance'
        ? `acs:ecs:${regionId}:${accountId}:instance/${ecs.instanceId}`
        : `acs:kms:${regionId}:${accountId}:secret/${secretName}`,
    rotationStatus: rotation.status === 'Disabled' ? unscheduledRotationStatus : rotation.status,
  };
  const time = apiTime(now);
  const event: RotationEvent =
    failure === undefined
      ? { name: 'Secret:RotateSecret:Success', level: 'INFO', content: { ...content, successTime: time } }
      : {
          name: 'Secret:RotateSecret:Failure',
          level: 'CRITICAL',
          content: {
            ...content,
            failureTime: time,
            failureInfo: { errorCode: rotationErrorCode, errorMessage: failure },
          },
        };
  return { events: [...events, event].slice(-keptEvents) };
}
