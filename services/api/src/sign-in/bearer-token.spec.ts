import { describe, expect, it } from 'vitest';
import { bearerToken, hashToken, makeToken } from './bearer-token.js';

describe('bearer tokens', () => {
  it('are 256 random bits, and each is another', () => {
    const tokens = new Set(Array.from({ length: 100 }, makeToken));
    expect(tokens.size).toBe(100);
    for (const token of tokens) {
      expect(Buffer.from(token.slice(3), 'base64url').length).toBe(32);
      expect(bearerToken(`Bearer ${token}`)).toBe(token);
      expect(bearerToken(`bearer  ${token} `)).toBe(token);
    }
  });

  it('leave this process as their SHA-256 alone', () => {
    expect(hashToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', `Basic ${makeToken()}`, makeToken(), `Bearer ${makeToken()}x`])(
    'are not found in %j',
    (header) => {
      expect(bearerToken(header)).toBeUndefined();
    },
  );
});
