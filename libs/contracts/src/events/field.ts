import type { z } from 'zod';

/**
 * Who may see a field: `public` may appear in metrics and logs; `sensitive` only in the log of record. A field without a
 * class counts as secret, and an event that has one is refused when it is defined (see catalogue.spec.ts).
 */
export type DataClass = 'public' | 'sensitive';

export const pub = <T extends z.ZodType>(schema: T): T => schema.meta({ ...schema.meta(), dataClass: 'public' });
export const sensitive = <T extends z.ZodType>(schema: T): T =>
  schema.meta({ ...schema.meta(), dataClass: 'sensitive' });
