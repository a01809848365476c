import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.js';

describe('cursors', () => {
  it('come back as they were given', () => {
    expect(decodeCursor('session', encodeCursor('session', 42))).toBe(42);
    expect(decodeCursor('session', undefined)).toBeUndefined();
  });

  it.each([
    encodeCursor('event-asc', 42),
    '',
    '!',
    'session:42',
    Buffer.from('session:0').toString('base64url'),
    Buffer.from('session:9999999999999999').toString('base64url'),
    Buffer.from('session:1 OR 1=1').toString('base64url'),
  ])('are refused when they are of another list or made up: %j', (cursor) => {
    expect(() => decodeCursor('session', cursor)).toThrow('cursor');
  });
});
