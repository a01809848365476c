import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { PrivateKey, SshWriter } from '@sallyport/ssh-keys';
import { describe, expect, it } from 'vitest';
import { TestHost } from './conversation.suite.js';
import { verifyExchange } from './verify-exchange.js';

const host = new TestHost();
const hash = randomBytes(32);
const rsa = PrivateKey.parse(
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
);
const check = (change: { key?: Buffer; exchangeHash?: Buffer; signature?: Buffer }) => {
  const { key = host.hostKey, exchangeHash = hash, signature = host.sign(hash) } = change;
  verifyExchange(key, exchangeHash, signature);
};

describe('verifyExchange', () => {
  it.each([32, 48, 64])('B13: takes an exchange hash of %i bytes that the host key has signed', (bytes) => {
    const exchangeHash = randomBytes(bytes);
    expect(() => {
      check({ exchangeHash, signature: host.sign(exchangeHash) });
    }).not.toThrow();
  });

  it.each(['rsa-sha2-256', 'rsa-sha2-512'])('B13: takes %s of an RSA host key', (algorithm) => {
    expect(() => {
      check({ key: rsa.publicKeyBlob, signature: rsa.sign(algorithm, hash) });
    }).not.toThrow();
  });

  const proof = new SshWriter().string('hostkeys-prove-00@openssh.com').string(hash).string(host.hostKey).bytes();
  it.each<[string, Parameters<typeof check>[0]]>([
    ['the signature of another exchange', { signature: host.sign(randomBytes(32)) }],
    ['the signature of another host', { signature: new TestHost().sign(hash) }],
    ['the key of another host', { key: new TestHost().hostKey }],
    ['what the host signs after the key exchange', { exchangeHash: proof, signature: host.sign(proof) }],
    ['a hash that is too short', { exchangeHash: hash.subarray(0, 20), signature: host.sign(hash.subarray(0, 20)) }],
    ['no signature', { signature: Buffer.alloc(0) }],
    ['bytes that are no signature', { signature: randomBytes(83) }],
    ['an algorithm of another kind of key', { signature: rsa.sign('rsa-sha2-512', hash) }],
    ['a signature with a byte more', { signature: Buffer.concat([host.sign(hash), Buffer.alloc(1)]) }],
  ])('B13: refuses %s', (_, change) => {
    expect(() => {
      check(change);
    }).toThrow(expect.objectContaining({ code: 'host-key.unverified' }));
  });
});
