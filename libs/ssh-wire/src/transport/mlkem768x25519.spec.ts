import { createHash, createPublicKey, diffieHellman } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { freshKeys } from '@sallyport/ssh-keys/testing';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { describe, expect, it } from 'vitest';
import { answerHybrid, HybridClient } from './mlkem768x25519.js';

describe('mlkem768x25519-sha256', () => {
  it('gives both sides the same secret of 32 bytes, another one each time', () => {
    const secrets = [1, 2].map(() => {
      const client = new HybridClient();
      expect(client.share).toHaveLength(1_184 + 32);
      const { reply, secret } = answerHybrid(client.share);
      expect(reply).toHaveLength(1_088 + 32);
      expect(client.secret(reply).equals(secret)).toBe(true);
      expect(secret).toHaveLength(32);
      return secret.toString('hex');
    });
    expect(secrets[0]).not.toBe(secrets[1]);
  });

  it('gives another secret when either half of the answer was changed on the way', () => {
    const client = new HybridClient();
    const { reply, secret } = answerHybrid(client.share);
    for (const at of [0, 1_100]) {
      const changed = Buffer.from(reply);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(client.secret(changed).equals(secret)).toBe(false);
    }
  });

  const share = new HybridClient().share;
  it.each([
    ['a byte too few', share.subarray(1)],
    ['a byte too many', Buffer.concat([share, Buffer.alloc(1)])],
    ['nothing', Buffer.alloc(0)],
    [
      'a lattice key with coefficients above the modulus',
      Buffer.concat([Buffer.alloc(1_184, 0xff), share.subarray(1_184)]),
    ],
    ['an X25519 key of small order', Buffer.concat([share.subarray(0, 1_184), Buffer.alloc(32)])],
  ])('refuses %s', (_, init) => {
    expect(() => answerHybrid(init)).toThrow(expect.objectContaining({ kind: 'handshake' }) as Error);
  });

  it('refuses an answer of the wrong length, or with an X25519 key of small order', () => {
    const client = new HybridClient();
    const { reply } = answerHybrid(client.share);
    const weak = Buffer.concat([reply.subarray(0, 1_088), Buffer.alloc(32)]);
    for (const bad of [reply.subarray(1), weak]) expect(() => client.secret(bad)).toThrow();
  });

  /**
   * No draft of it has vectors (draft-ietf-sshm-mlkem-hybrid-kex-00 to -10, the last one), so that here the other side is the
   * test, which does what section 2.4 says by its letter, with nothing of ours but ML-KEM.
   */
  describe('has the secret K = SHA-256(K_PQ || K_CL) of RFC 10042 section 2.4, both as bytes of fixed length', () => {
    const seed = (name: string, outputLength: number) => createHash('shake128', { outputLength }).update(name).digest();

    it('as a client', () => {
      const client = new HybridClient();
      const { cipherText, sharedSecret } = ml_kem768.encapsulate(client.share.subarray(0, 1_184), seed('m', 32));
      // X25519 keys, until there is one whose secret begins with a zero: an mpint would be shorter.
      for (let zero = false; !zero;) {
        const { publicKey, privateKey } = freshKeys('x25519');
        const classical = agree(privateKey, client.share.subarray(1_184));
        zero = classical[0] === 0;
        const reply = Buffer.concat([cipherText, bytesOf(publicKey)]);
        expect(client.secret(reply).equals(hash(sharedSecret, classical))).toBe(true);
      }
    });

    it('as a server', () => {
      const kem = ml_kem768.keygen(seed('d, z', 64));
      const { publicKey, privateKey } = freshKeys('x25519');
      const { reply, secret } = answerHybrid(Buffer.concat([kem.publicKey, bytesOf(publicKey)]));
      const postQuantum = ml_kem768.decapsulate(reply.subarray(0, 1_088), kem.secretKey);
      expect(secret.equals(hash(postQuantum, agree(privateKey, reply.subarray(1_088))))).toBe(true);
    });

    const hash = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
    const bytesOf = (key: KeyObject) => Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
    const agree = (privateKey: KeyObject, theirs: Buffer) => {
      const key = { kty: 'OKP', crv: 'X25519', x: theirs.toString('base64url') };
      return diffieHellman({ privateKey, publicKey: createPublicKey({ key, format: 'jwk' }) });
    };
  });

  /** "Accumulated" vector of the Community Cryptography Test Vectors (C2SP/CCTV, ML-KEM): 100 rounds of all operations. */
  it('rests on an ML-KEM-768 that is that of FIPS 203', () => {
    const rounds = 100;
    const random = createHash('shake128', { outputLength: rounds * (64 + 32 + 1_088) }).digest();
    let at = 0;
    const take = (size: number): Buffer => random.subarray(at, (at += size));
    const all = createHash('shake128', { outputLength: 32 });
    for (let i = 0; i < rounds; i += 1) {
      const { publicKey, secretKey } = ml_kem768.keygen(take(64));
      const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, take(32));
      expect(ml_kem768.decapsulate(cipherText, secretKey)).toEqual(sharedSecret);
      all
        .update(publicKey)
        .update(cipherText)
        .update(sharedSecret)
        .update(ml_kem768.decapsulate(take(1_088), secretKey));
    }
    expect(all.digest('hex')).toBe('1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415');
  });
});
