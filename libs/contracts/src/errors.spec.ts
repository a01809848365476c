import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { errorCodes } from './errors.js';

it('every error code has its row in docs/errors.md, and every row its code', () => {
  const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z.-]+)` /gm)].map((row) => row[1]);
  expect(rows).toEqual([...errorCodes]);
});
