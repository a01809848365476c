import { expect, it } from 'vitest';
import { NonceStore } from './nonce-store.js';

it('takes a nonce once for each key, and again when its time is over', () => {
  const nonces = new NonceStore(1_000);
  const at = (ms: number): Date => new Date(ms);
  expect(nonces.use('key', 'n', at(0))).toBe(true);
  expect(nonces.use('key', 'n', at(999))).toBe(false);
  expect(nonces.use('other', 'n', at(999))).toBe(true);
  expect(nonces.use('key', 'n', at(1_000))).toBe(true);
});
