import { baseSettings, count } from '@sallyport/config';
import { postgresSettings } from '@sallyport/postgres';
import { z } from 'zod';

export const settings = z.object({
  ...baseSettings,
  ...postgresSettings,
  /** Events stored, and acknowledged, at once. */
  AUDIT_BATCH_SIZE: count(1, 5_000).default(500),
});
export type Settings = z.infer<typeof settings>;
