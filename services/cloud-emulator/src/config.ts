import { count, port, secretText } from '@sallyport/config';
import { z } from 'zod';
import { jsonText } from './kms/parameters.js';
import { Rules } from './rules.js';

/** The emulator's settings, by the name of their environment variable. */
export const Settings = z.object({
  /** Of the HTTP listener on loopback; 0 for a free one. */
  SALLYPORT_EMULATOR_PORT: port().default(0),
  /** Everything that is to survive is here. Made when it is missing, readable by its owner alone. */
  SALLYPORT_EMULATOR_STATE_DIR: z.string().min(1),
  SALLYPORT_EMULATOR_ACCESS_KEY_ID: z.string().min(1).max(128),
  SALLYPORT_EMULATOR_ACCESS_KEY_SECRET: secretText(),
  SALLYPORT_EMULATOR_REGION: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, 'must be the id of a region')
    .default('cn-hangzhou'),
  /** How many simulated instances a first start makes. */
  SALLYPORT_EMULATOR_INSTANCES: count(0, 20).default(2),
  /** JSON object with members of `Rules`. */
  SALLYPORT_EMULATOR_RULES: jsonText(Rules).default(Rules.parse({})),
  /** When given, calls under /__emulator/ need it as their bearer token. */
  SALLYPORT_EMULATOR_ADMIN_TOKEN: secretText().optional(),
});
export type Settings = z.output<typeof Settings>;
