import { expect, it } from 'vitest';
import { clampMaxResults, decodeNextToken, encodeNextToken } from './paging.js';

it('clamps MaxResults as the cloud does', () => {
  expect([0, 9, 10, 55, 100, 1_000].map(clampMaxResults)).toEqual([10, 10, 10, 55, 100, 100]);
});

it('reads its own tokens and refuses others', () => {
  expect(decodeNextToken(encodeNextToken(120))).toBe(120);
  expect(decodeNextToken(undefined)).toBe(0);
  for (const token of ['caeba0bbb2be03f84eb48b699f0a4883', '', Buffer.from('next:-1').toString('base64url')]) {
    expect(() => decodeNextToken(token)).toThrow(expect.objectContaining({ code: 'InvalidParameter' }));
  }
});
