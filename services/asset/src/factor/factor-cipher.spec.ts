import { randomBytes, randomUUID } from 'node:crypto';
import { UserId } from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import { FactorCipher } from './factor-cipher.js';

const owner = UserId.parse(randomUUID());
const newCipher = () => FactorCipher.fromBase64(randomBytes(32).toString('base64'));

describe('FactorCipher', () => {
  it('gives a secret back to its owner alone, with the same key, unchanged', () => {
    const cipher = newCipher();
    const secret = Buffer.from('GEZDGNBVGY3TQOJQ');
    const encrypted = cipher.encrypt(secret, owner);
    expect(encrypted.includes(secret)).toBe(false);
    expect(cipher.encrypt(secret, owner).equals(encrypted)).toBe(false);
    expect(cipher.decrypt(encrypted, owner).equals(secret)).toBe(true);
    expect(() => newCipher().decrypt(encrypted, owner)).toThrow();
    expect(() => cipher.decrypt(encrypted, UserId.parse(randomUUID()))).toThrow();
    for (let at = 0; at < encrypted.length; at += 1) {
      const changed = Buffer.from(encrypted);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => cipher.decrypt(changed, owner)).toThrow();
    }
    expect(() => cipher.decrypt(encrypted.subarray(0, 20), owner)).toThrow();
  });

  it('takes keys of 32 bytes', () => {
    for (const key of ['', 'AAAA', randomBytes(31).toString('base64')])
      expect(() => FactorCipher.fromBase64(key)).toThrow('not 32 bytes in base64');
  });
});
