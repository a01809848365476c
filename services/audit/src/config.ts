import { baseSettings, count, secretText } from '@sallyport/config';
import { postgresSettings } from '@sallyport/postgres';
import { z } from 'zod';

export const settings = z.object({
  ...baseSettings,
  ...postgresSettings,
  /** Events stored, and acknowledged, at once. */
  AUDIT_BATCH_SIZE: count(1, 5_000).default(1_000),
  /** Ed25519, PEM (PKCS#8): signs the checkpoints of the log. The same for all replicas, and for as long as the log lives. */
  AUDIT_LOG_PRIVATE_KEY: secretText(),
  /** The name of the log in its checkpoints, C2SP tlog-checkpoint: no scheme, no space, no `+`. Never changes. */
  AUDIT_LOG_ORIGIN: z.string().regex(/^[^\s+]{1,200}$/, 'has no space and no "+"'),
  /** An event has no checkpoint for this long at most, and a second. */
  AUDIT_CHECKPOINT_SECONDS: count(1, 9).default(5),
  /** Checkpoints are appended to this file, on storage that the database's administrators do not write to. */
  AUDIT_WITNESS_FILE: z.string().optional(),
  /** Checkpoints are sent to this URL as well, each as a POST of the signed note. */
  AUDIT_WITNESS_URL: z.url({ protocol: /^https?$/ }).optional(),
});
export type Settings = z.infer<typeof settings>;
