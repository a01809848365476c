import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAuthorizedKey, parseAuthorizedKey } from './authorized-key.js';
import { parsePublicKeyBlob } from './public-key.js';
import { softAuthenticator } from './testing/index.js';
import { verifySignature } from './signature.js';
import type { SignatureClaim } from './signature.js';

const data = Buffer.from('what was signed');
const types = ['sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com'] as const;

describe.each(types)('a key of type %s', (type) => {
  const key = softAuthenticator(type);
  const { publicKeyBlob } = key;
  const holds = (signatureBlob: Buffer, more: Partial<SignatureClaim> = {}): boolean =>
    verifySignature({ publicKeyBlob, algorithm: type, data, signatureBlob, ...more });

  it('signs when somebody touched it, whatever its counter says', () => {
    expect(holds(key.sign(data))).toBe(true);
    expect(holds(key.sign(data, { flags: 0x05, counter: 0 }))).toBe(true);
    expect(holds(key.sign(data, { counter: 2 ** 32 - 1 }))).toBe(true);
  });

  it('does not when nobody touched it', () => {
    expect(holds(key.sign(data, { flags: 0 }))).toBe(false);
    expect(holds(key.sign(data, { flags: 0x04 }))).toBe(false);
  });

  it('shows a PIN where one is asked for, or does not hold', () => {
    expect(holds(key.sign(data, { flags: 0x05 }), { verificationRequired: true })).toBe(true);
    expect(holds(key.sign(data), { verificationRequired: true })).toBe(false);
    expect(holds(key.sign(data, { flags: 0x04 }), { verificationRequired: true })).toBe(false);
  });

  it('does not for other data, another application, another algorithm or with anything after it', () => {
    const signature = key.sign(data);
    expect(holds(signature, { data: Buffer.from('something else') })).toBe(false);
    expect(holds(key.sign(data, { over: 'ssh:other' }))).toBe(false);
    expect(holds(Buffer.concat([signature, Buffer.of(0)]))).toBe(false);
    expect(holds(signature.subarray(0, -5))).toBe(false);
    for (const algorithm of ['ssh-ed25519', 'ecdsa-sha2-nistp256']) expect(holds(signature, { algorithm })).toBe(false);
  });

  it('answers no to every changed bit of a signature, flags and counter included', () => {
    const signature = key.sign(data);
    fc.assert(
      fc.property(fc.nat(signature.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(signature);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        expect(holds(changed)).toBe(false);
      }),
    );
  });

  it('is read from its line and written back; its application is told', () => {
    const line = `${type} ${publicKeyBlob.toString('base64')} alice@laptop`;
    expect(formatAuthorizedKey(parseAuthorizedKey(line))).toBe(line);
    expect(parsePublicKeyBlob(publicKeyBlob).application).toBe('ssh:');
  });

  it('is refused when it was made for a web site', () => {
    const { publicKeyBlob: other } = softAuthenticator(type, 'example.com');
    expect(() => parsePublicKeyBlob(other)).toThrow('not made for SSH');
  });
});
