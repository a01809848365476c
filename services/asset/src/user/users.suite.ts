import { randomUUID } from 'node:crypto';
import { UserId } from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import type { StoredUser } from './user.js';
import type { Users } from './users.js';

/** What every implementation of the port must do. `create` gives an empty one. */
export function usersSuite(name: string, create: () => Promise<Users>): void {
  const user = (username: string): StoredUser => ({
    id: UserId.parse(randomUUID()),
    username,
    passwordHash: undefined,
    roles: ['operator'],
    status: 'active',
  });

  describe(name, () => {
    it('finds a user by id and by exact name', async () => {
      const users = await create();
      const alice = user('Alice');
      await users.add(alice);
      expect(await users.byId(alice.id)).toEqual(alice);
      expect(await users.byName('Alice')).toEqual(alice);
      expect(await users.byName('alice')).toBeUndefined();
      expect(await users.byId(user('x').id)).toBeUndefined();
    });

    it('has one user of a name, letters’ case aside', async () => {
      const users = await create();
      await users.add(user('alice'));
      await expect(users.add(user('ALICE'))).rejects.toMatchObject({ code: 'user.exists' });
    });

    it('stores what changed, but not another name', async () => {
      const users = await create();
      const alice = user('alice');
      await users.add(alice);
      const changed: StoredUser = {
        ...alice,
        roles: [],
        status: 'locked',
        passwordHash: 'x',
        validFrom: '2026-01-01T00:00:00.000Z',
        validUntil: '2026-02-01T00:00:00.000Z',
        allowedAddresses: ['10.0.0.0/8', '::1'],
        logonHours: { timeZone: 'Asia/Shanghai', windows: [{ days: ['monday'], from: '09:00', until: '24:00' }] },
      };
      await users.save({ ...changed, username: 'mallory' });
      expect(await users.byId(alice.id)).toEqual(changed);
      await users.save(alice);
      expect(await users.byId(alice.id)).toEqual(alice);
    });

    it('knows whether there is nobody, and forgets who is removed', async () => {
      const users = await create();
      expect(await users.none()).toBe(true);
      const alice = user('alice');
      await users.add(alice);
      expect(await users.none()).toBe(false);
      await users.remove(alice.id);
      await users.remove(alice.id);
      expect(await users.byName('alice')).toBeUndefined();
    });

    it('knows whether another active user is a bastion administrator whom no rule keeps out', async () => {
      const users = await create();
      const [alice, bob]: StoredUser[] = [
        { ...user('alice'), roles: ['auditor', 'bastion-admin'] },
        { ...user('bob'), roles: ['bastion-admin'], status: 'locked' },
      ];
      if (!alice || !bob) throw new Error('unexpected');
      await users.add(alice);
      await users.add(bob);
      expect(await users.otherAdministrator(alice.id)).toBe(false);
      expect(await users.otherAdministrator(bob.id)).toBe(true);
      await users.save({ ...bob, status: 'active' });
      expect(await users.otherAdministrator(alice.id)).toBe(true);
      await users.save({ ...bob, status: 'active', validUntil: '2036-01-01T00:00:00.000Z' });
      expect(await users.otherAdministrator(alice.id)).toBe(false);
    });

    it('lists in the order of the bytes of names', async () => {
      const users = await create();
      for (const username of ['b', 'a', 'Z', '_c']) await users.add(user(username));
      const names = async (after: string | undefined, limit: number): Promise<string[]> =>
        (await users.after(after, limit)).map(({ username }) => username);
      expect(await names(undefined, 3)).toEqual(['Z', '_c', 'a']);
      expect(await names('a', 3)).toEqual(['b']);
    });
  });
}
