import { z } from 'zod';
import { PageRequest } from '../values.js';

/** Numbers and truth values as text in a query. */
export const Limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(200)
  .default(50)
  .describe('The size of a page, 50 unless told.');
export const Flag = z.stringbool({ truthy: ['true'], falsy: ['false'], case: 'sensitive' });

/** `limit` and `cursor`; `cursor` is the `nextCursor` of the page before. */
export const PageQuery = PageRequest.extend({ limit: Limit });
