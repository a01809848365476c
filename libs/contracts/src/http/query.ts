import { z } from 'zod';
import { PageRequest } from '../values.js';

/** Numbers and truth values as text in a query. Not all that JavaScript takes for a number is one: `0x10`, `1e1`, `07`, `1.0`. */
export const wholeNumber = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  z.preprocess(
    (text) => (typeof text === 'string' && /^(0|[1-9]\d*)$/.test(text) ? Number(text) : text),
    z.int({ error: 'a whole number in decimal digits' }).min(min).max(max),
  );
export const Limit = wholeNumber(1, 200).default(50).describe('The size of a page, 50 unless told.');
export const Flag = z.stringbool({ truthy: ['true'], falsy: ['false'], case: 'sensitive' });

/** `limit` and `cursor`; `cursor` is the `nextCursor` of the page before. */
export const PageQuery = PageRequest.extend({ limit: Limit });
