import { createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, tempDir } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { newPassword, newSshKeyPair } from '../kms/new-credential.js';
import { newEd25519Key } from './new-ed25519-key.js';
import { fingerprintOf, openSshPublicKey, parseKey } from './ssh-keys.js';

it('makes Ed25519 keys that ssh2 reads, whatever their first byte', () => {
  const keys = Array.from({ length: 600 }, () => parseKey(newEd25519Key())); // ssh2's own fail about once in 256
  expect(keys.every((key) => key.verify('data', key.sign('data')))).toBe(true);
});

it.each([
  ['an Ed25519 key', () => Promise.resolve(newEd25519Key())],
  ['a key pair of KMS', async () => (await newSshKeyPair()).privateKey],
])('agrees with ssh-keygen about %s', async (_name, make) => {
  const privateKey = await make();
  const file = join(tempDir(), 'key');
  writeFileSync(file, privateKey, { mode: 0o600 });
  const shown = await run('ssh-keygen', ['-y', '-f', file]);
  expect(shown.stdout.trim()).toBe(openSshPublicKey(privateKey));
  const listed = await run('ssh-keygen', ['-l', '-f', file]);
  expect(listed.stdout).toContain(fingerprintOf(privateKey));
});

it('makes RSA-2048 pairs in PKCS#1 PEM and OpenSSH form', async () => {
  const { publicKey, privateKey } = await newSshKeyPair();
  expect(privateKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
  expect(publicKey).toMatch(/^ssh-rsa AAAA\S+$/);
  expect(createPublicKey(privateKey).asymmetricKeyDetails?.modulusLength).toBe(2048);
});

it('makes passwords of 32 characters, each another', () => {
  const passwords = new Set(Array.from({ length: 100 }, newPassword));
  expect(passwords.size).toBe(100);
  for (const password of passwords) expect(password).toHaveLength(32);
});
