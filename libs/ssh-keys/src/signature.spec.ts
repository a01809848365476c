import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PrivateKey } from './private-key.js';
import { verifySignature } from './signature.js';
import { SshFormatError } from './ssh-format-error.js';
import { SshWriter } from './ssh-writer.js';

const pem = { format: 'pem', type: 'pkcs8' } as const;
const rsaPem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pem);
const keys = [
  rsaPem,
  generateKeyPairSync('ed25519').privateKey.export(pem),
  ...['P-256', 'P-384', 'P-521'].map((namedCurve) => generateKeyPairSync('ec', { namedCurve }).privateKey.export(pem)),
].map((text) => PrivateKey.parse(text));
const cases = keys.flatMap((key) => key.algorithms.map((algorithm) => ({ key, algorithm })));
const data = Buffer.from('what was signed');

describe('verifySignature', () => {
  it.each(cases)('takes a signature by $algorithm, over these data only', ({ key, algorithm }) => {
    const { publicKeyBlob } = key;
    const claim = { publicKeyBlob, algorithm, data, signatureBlob: key.sign(algorithm, data) };
    expect(verifySignature(claim)).toBe(true);
    expect(verifySignature({ ...claim, data: Buffer.from('something else') })).toBe(false);
  });

  it.each(cases)('refuses a signature by $algorithm of another key or under another name', ({ key, algorithm }) => {
    const { publicKeyBlob } = key;
    const signatureBlob = key.sign(algorithm, data);
    for (const other of keys.filter((one) => one !== key)) {
      expect(verifySignature({ publicKeyBlob: other.publicKeyBlob, algorithm, data, signatureBlob })).toBe(false);
    }
    for (const other of new Set(cases.map((one) => one.algorithm).filter((name) => name !== algorithm))) {
      expect(verifySignature({ publicKeyBlob, algorithm: other, data, signatureBlob })).toBe(false);
    }
  });

  it.each(cases)('no key but its own signs by $algorithm', ({ key, algorithm }) => {
    for (const other of keys.filter((one) => !one.algorithms.includes(algorithm))) {
      expect(() => other.sign(algorithm, data)).toThrow(SshFormatError);
    }
    expect(() => key.sign('ssh-rsa', data)).toThrow(SshFormatError);
  });

  it('refuses RSA with SHA-1, which is algorithm ssh-rsa', () => {
    const [rsa] = keys;
    const raw = sign('sha1', data, createPrivateKey(rsaPem));
    const signatureBlob = new SshWriter().string('ssh-rsa').string(raw).bytes();
    const claim = { publicKeyBlob: rsa?.publicKeyBlob ?? Buffer.alloc(0), data, signatureBlob };
    for (const algorithm of ['ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512']) {
      expect(verifySignature({ ...claim, algorithm })).toBe(false);
    }
  });

  it('answers no to any damaged signature or key, and never throws', () => {
    const damage = fc.tuple(fc.constantFrom(...cases), fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean());
    fc.assert(
      fc.property(damage, ([{ key, algorithm }, place, change, inKey]) => {
        const publicKeyBlob = Buffer.from(key.publicKeyBlob);
        const signatureBlob = key.sign(algorithm, data);
        const target = inKey ? publicKeyBlob : signatureBlob;
        const at = place % target.length;
        target[at] = (target[at] ?? 0) ^ change;
        expect(verifySignature({ publicKeyBlob, algorithm, data, signatureBlob })).toBe(false);
      }),
    );
  });
});
