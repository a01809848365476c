import { DomainError } from '@sallyport/errors';

export interface Page<T> {
  items: T[];
  nextCursor?: string;
}
export interface PageOptions {
  limit: number;
  cursor?: string | undefined;
}

/**
 * One page of a list that is ordered by a unique text key. The cursor is the last key of the page, so that what is added
 * or removed meanwhile neither repeats nor hides others.
 *
 * @param after at most `limit` items whose key is greater than `key` (all, when it is undefined), in the order of the key
 * @throws DomainError `request.invalid` the cursor is not one of ours
 */
export async function page<T>(
  { limit, cursor }: PageOptions,
  after: (key: string | undefined, limit: number) => Promise<T[]>,
  keyOf: (item: T) => string,
): Promise<Page<T>> {
  const found = await after(cursor === undefined ? undefined : decode(cursor), limit + 1);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last !== undefined ? { items, nextCursor: encode(keyOf(last)) } : { items };
}

const encode = (key: string): string => Buffer.from(key).toString('base64url');

function decode(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (key.includes('\0') || encode(key) !== cursor) throw new DomainError('request.invalid', 'the cursor is not valid');
  return key;
}
