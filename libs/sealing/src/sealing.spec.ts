import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SealingKey, UnsealError, publicKeyFromPem, seal } from './sealing.js';

describe('sealing', () => {
  it('opens with the key and the associated data that it was sealed with', async () => {
    const key = await SealingKey.generate();
    const box = await seal(key.publicKey, Buffer.from('hunter2'), 'grant-1 SHA256:x');
    expect(JSON.stringify(box)).not.toContain('hunter2');
    expect((await key.open(box, 'grant-1 SHA256:x')).toString()).toBe('hunter2');
  });

  it('opens with nothing else', async () => {
    const [key, other] = [await SealingKey.generate(), await SealingKey.generate()];
    const box = await seal(key.publicKey, Buffer.from('hunter2'), 'a');
    await expect(key.open(box, 'b')).rejects.toThrow(UnsealError);
    await expect(other.open(box, 'a')).rejects.toThrow(UnsealError);
    await expect(key.open({ ...box, ciphertext: 'AAAA' }, 'a')).rejects.toThrow(UnsealError);
    await expect(key.open({ enc: '', ciphertext: '' }, 'a')).rejects.toThrow(UnsealError);
  });

  it('takes keys in the form that openssl writes', async () => {
    const pair = generateKeyPairSync('x25519', {
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const key = await SealingKey.fromPem(pair.privateKey);
    expect(key.publicKey).toBe(publicKeyFromPem(pair.publicKey));
    expect((await key.open(await seal(key.publicKey, Buffer.from('x'), ''), '')).toString()).toBe('x');
  });
});

it('H7: opens no other box, whatever is in it, with the one declared error', async () => {
  const key = await SealingKey.generate();
  const box = await seal(key.publicKey, Buffer.from('hunter2'), 'a');
  const text = (proper: string) => fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), fc.constant(proper));
  await fc.assert(
    fc.asyncProperty(text(box.enc), text(box.ciphertext), async (enc, ciphertext) => {
      fc.pre(enc !== box.enc || ciphertext !== box.ciphertext);
      await expect(key.open({ enc, ciphertext }, 'a')).rejects.toThrow(UnsealError);
    }),
  );
});
