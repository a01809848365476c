import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { UserId } from '@sallyport/contracts';
import { PrivateKey } from '@sallyport/ssh-keys';
import { describe, expect, it } from 'vitest';
import type { UserKey } from './public-key.js';
import { newUserKey } from './public-key.js';
import type { PublicKeys } from './public-keys.js';

/** What every implementation of the port must do. `create` gives one with these two users and no keys. */
export function publicKeysSuite(name: string, create: (users: UserId[]) => Promise<PublicKeys>): void {
  const [alice, bob] = [UserId.parse(randomUUID()), UserId.parse(randomUUID())];
  const start = (): Promise<PublicKeys> => create([alice, bob]);
  const newLine = (): string => {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    return `ssh-ed25519 ${PrivateKey.parse(pem.toString()).publicKeyBlob.toString('base64')}`;
  };
  const newKey = (userId: UserId, line = newLine()): UserKey => newUserKey(userId, line);

  describe(name, () => {
    it('has a key of a user once, and the same key of two users', async () => {
      const keys = await start();
      const key = newKey(alice);
      await keys.add(key);
      await keys.add(newKey(bob, key.line));
      expect(await keys.byFingerprint(alice, key.fingerprint)).toEqual(key);
      expect(await keys.byFingerprint(bob, key.fingerprint)).toMatchObject({ userId: bob });
      expect(await keys.byFingerprint(alice, newKey(alice).fingerprint)).toBeUndefined();
      await expect(keys.add(newKey(alice, key.line))).rejects.toMatchObject({ code: 'public-key.exists' });
    });

    it('lists the keys of several users, oldest first', async () => {
      const keys = await start();
      const [first, second, third] = [newKey(alice), newKey(bob), newKey(alice)];
      for (const key of [first, second, third]) await keys.add(key);
      expect(await keys.of(alice)).toEqual([first, third]);
      expect(await keys.of(alice, bob)).toEqual([first, second, third]);
      expect(await keys.of()).toEqual([]);
    });

    it('removes a key of its own user only', async () => {
      const keys = await start();
      const key = newKey(alice);
      await keys.add(key);
      expect(await keys.remove(bob, key.id)).toBeUndefined();
      expect(await keys.remove(alice, key.id)).toEqual(key);
      expect(await keys.remove(alice, key.id)).toBeUndefined();
      expect(await keys.of(alice)).toEqual([]);
    });
  });
}
