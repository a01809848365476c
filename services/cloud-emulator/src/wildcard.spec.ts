import { expect, it } from 'vitest';
import { matchesWildcard } from './wildcard.js';

it.each([
  ['web-1', 'web-1', true],
  ['web-1', 'web-*', true],
  ['web-1', '*-1', true],
  ['web-1', '*e*-*', true],
  ['web-1', 'web', false],
  ['web-1', '*web', false],
  ['aba', 'ab*ba', false],
  ['', '*', true],
])('matches %s with %s: %s', (text, pattern, expected) => {
  expect(matchesWildcard(text, pattern)).toBe(expected);
});

it('is quick with any pattern', () => {
  expect(matchesWildcard('a'.repeat(10_000), `${'*a'.repeat(500)}*b`)).toBe(false);
});

it('takes ? for one character when told, and for itself otherwise', () => {
  expect(['web-1', 'web-?', 'web-', 'web-12'].map((text) => matchesWildcard(text, 'web-?', true))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(['web-1', 'web-?'].map((text) => matchesWildcard(text, '*web-?'))).toEqual([false, true]);
  expect(matchesWildcard('web-10', '?*b-*0', true)).toBe(true);
});
