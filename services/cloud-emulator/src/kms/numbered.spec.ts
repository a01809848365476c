import { expect, it } from 'vitest';
import { numbered, numberedUpTo } from './numbered.js';

const name = (number: number): string => `Tag.${number}.Key`;
const keys = (...numbers: number[]): Map<string, string> =>
  new Map(numbers.map((number) => [name(number), `k${number}`]));

it('reads numbered parameters up to the first that is absent', () => {
  expect(numbered(keys(1, 2, 4), name)).toEqual(['k1', 'k2']);
  expect(numbered(keys(2), name)).toEqual([]);
});

it('refuses more than a call takes', () => {
  expect(numberedUpTo(2, keys(1, 2), name)).toEqual(['k1', 'k2']);
  expect(() => numberedUpTo(2, keys(1, 2, 3), name)).toThrow(expect.objectContaining({ code: 'InvalidParameter' }));
});
