import { z } from 'zod';
import { Instance } from '../instances/instance.js';
import { KmsInstance, KmsKey } from '../kms/key.js';
import { RotationEvent } from '../kms/rotation-events.js';
import { SecretRecord } from '../kms/secret.js';
import { noRam, RamState } from '../ram/ram-state.js';

/** All that the emulator remembers, as one JSON file. Times are ISO 8601. Credentials in it are sealed. */
export const EmulatorState = z.object({
  format: z.literal(1),
  /** 16 digits. */
  accountId: z.string(),
  regionId: z.string(),
  kmsInstances: z.array(KmsInstance),
  keys: z.array(KmsKey),
  secrets: z.array(SecretRecord),
  instances: z.array(Instance),
  /** When RotateSecret was called in the last hour, for its limit. */
  rotationRequests: z.array(z.string()),
  aliases: z.array(z.object({ name: z.string(), keyId: z.string() })).default([]),
  ram: RamState.default(noRam),
  events: z.array(RotationEvent).default([]),
});
export type EmulatorState = z.infer<typeof EmulatorState>;
