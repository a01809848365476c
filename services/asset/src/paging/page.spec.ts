import { describe, expect, it } from 'vitest';
import { page } from './page.js';

const names = ['a', 'b', 'c', 'z', 'ü'];
const after = (key: string | undefined, limit: number): Promise<string[]> =>
  Promise.resolve(names.filter((name) => key === undefined || name > key).slice(0, limit));
const read = (limit: number, cursor?: string) => page({ limit, cursor }, after, (name) => name);

describe('page', () => {
  it('gives every item once, and a cursor exactly when there is more', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { items, nextCursor } = await read(2, cursor);
      seen.push(...items);
      cursor = nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(names);
    expect(await read(5)).toEqual({ items: names });
  });

  it.each(['not base64!', 'AA', Buffer.from('a\0b').toString('base64url'), '_w'])(
    'refuses the cursor %j',
    async (cursor) => {
      await expect(read(2, cursor)).rejects.toMatchObject({ code: 'request.invalid' });
    },
  );
});
