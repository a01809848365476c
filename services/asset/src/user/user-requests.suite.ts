import { randomUUID } from 'node:crypto';
import type { PublicKeyId } from '@sallyport/contracts';
import {
  AddPublicKeyV1,
  DeleteUserV1,
  ListPublicKeysV1,
  ListUsersV1,
  ProbePublicKeyV1,
  RemovePublicKeyV1,
  ResolveTokenV1,
  UpdateUserV1,
  UserId,
} from '@sallyport/contracts';
import { seal } from '@sallyport/sealing';
import { fingerprint } from '@sallyport/ssh-keys';
import { beforeEach, describe, expect, it } from 'vitest';
import { actor, clientAddress, ClientConnection, createUser, Key, signIn } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';

export function userRequests(running: () => RunningAsset): void {
  describe('users and their keys', () => {
    const password = 'correct horse battery';
    const nobody = UserId.parse(randomUUID());
    let asset: RunningAsset;
    let admin: string;
    beforeEach(async () => {
      asset = running();
      admin = await actor(asset, await signIn(asset));
    });

    describe('users', () => {
      it('are made once, and recorded without their password', async () => {
        const key = new Key();
        const user = await createUser(asset, admin, { username: 'carol', password, publicKeys: [key.line] });
        expect(user).toMatchObject({
          username: 'carol',
          roles: ['operator'],
          publicKeys: [key.line],
          status: 'active',
        });
        expect((await asset.recorded('user.created')).at(-1)).toMatchObject({ user });
        expect(JSON.stringify(asset.events)).not.toContain(password);
        await expect(createUser(asset, admin, { username: 'Carol' })).rejects.toMatchObject({ code: 'user.exists' });
      });

      it('are not made from a bad key, a key given twice or a short password', async () => {
        const key = new Key();
        for (const fields of [
          { publicKeys: ['ssh-dss AAAAB3NzaC1kc3M= x'] },
          { publicKeys: [key.line, key.line] },
          { password: 'short' },
        ])
          await expect(createUser(asset, admin, { username: 'dave', ...fields })).rejects.toMatchObject({
            code: 'request.invalid',
          });
        expect(
          (await asset.recorded('user.created')).some(({ user }) => (user as { username: string }).username === 'dave'),
        ).toBe(false);
      });

      it('are listed page by page', async () => {
        for (const username of ['page-1', 'page-2', 'page-3']) await createUser(asset, admin, { username });
        const names: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await asset.api.request(ListUsersV1, { actor: admin, limit: 2, ...(cursor ? { cursor } : {}) });
          expect(page.items.length).toBeLessThanOrEqual(2);
          names.push(...page.items.map((user) => user.username));
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        expect(names).toEqual([...names].sort());
        expect(names).toEqual(expect.arrayContaining(['admin', 'carol', 'page-1', 'page-2', 'page-3']));
        await expect(asset.api.request(ListUsersV1, { actor: admin, limit: 2, cursor: '!' })).rejects.toMatchObject({
          code: 'request.invalid',
        });
      });

      it('change only in what is given, before and after on record; a lock ends what they are signed in to', async () => {
        const user = await createUser(asset, admin, { username: 'erin', password });
        const tokenHash = await signIn(asset, 'erin', password);
        const after = await asset.api.request(UpdateUserV1, {
          actor: admin,
          userId: user.id,
          roles: ['auditor', 'auditor'],
        });
        expect(after).toEqual({ ...user, roles: ['auditor'] });
        expect((await asset.recorded('user.updated')).at(-1)).toMatchObject({
          before: user,
          after,
          passwordChanged: false,
        });
        expect((await asset.api.request(ResolveTokenV1, { tokenHash, clientAddress })).roles).toEqual(['auditor']);

        await asset.api.request(UpdateUserV1, { actor: admin, userId: user.id, status: 'locked' });
        const resolved = asset.api.request(ResolveTokenV1, { tokenHash, clientAddress });
        await expect(resolved).rejects.toMatchObject({ code: 'access.unauthenticated' });
        await expect(signIn(asset, 'erin', password)).rejects.toMatchObject({ code: 'sign-in.failed' });
        expect((await asset.recorded('user.sign-in-failed')).at(-1)).toMatchObject({
          username: 'erin',
          reason: 'locked',
        });
      });

      it('get another password, which ends what they are signed in to', async () => {
        const { id } = await createUser(asset, admin, { username: 'frank', password });
        const tokenHash = await signIn(asset, 'frank', password);
        const another = await seal(asset.sealTo, Buffer.from('another password'), id);
        await asset.api.request(UpdateUserV1, { actor: admin, userId: id, password: another });
        expect((await asset.recorded('user.updated')).at(-1)).toMatchObject({ passwordChanged: true });
        const resolved = asset.api.request(ResolveTokenV1, { tokenHash, clientAddress });
        await expect(resolved).rejects.toMatchObject({ code: 'access.unauthenticated' });
        await expect(signIn(asset, 'frank', password)).rejects.toMatchObject({ code: 'sign-in.failed' });
        await signIn(asset, 'frank', 'another password');
      });

      it('are removed with what they are signed in to', async () => {
        const user = await createUser(asset, admin, { username: 'grace', password });
        const tokenHash = await signIn(asset, 'grace', password);
        await asset.api.request(DeleteUserV1, { actor: admin, userId: user.id });
        expect((await asset.recorded('user.deleted')).at(-1)).toMatchObject({ user });
        const resolved = asset.api.request(ResolveTokenV1, { tokenHash, clientAddress });
        await expect(resolved).rejects.toMatchObject({ code: 'access.unauthenticated' });
      });

      it('keep an administrator, whoever asks and however many at once', async () => {
        const { userId } = await asset.api.request(ResolveTokenV1, { tokenHash: await signIn(asset), clientAddress });
        const update = (id: UserId, change: object) =>
          asset.api.request(UpdateUserV1, { actor: admin, userId: id, ...change });
        const last = { code: 'request.invalid', message: /this is the last active bastion administrator/ };
        await expect(update(userId, { roles: ['auditor'] })).rejects.toMatchObject(last);
        await expect(update(userId, { status: 'locked' })).rejects.toMatchObject(last);
        await expect(asset.api.request(DeleteUserV1, { actor: admin, userId })).rejects.toMatchObject(last);

        const second = await createUser(asset, admin, { username: 'second-admin', roles: ['bastion-admin'] });
        const answers = await Promise.allSettled([userId, second.id].map((id) => update(id, { roles: [] })));
        expect(answers.map((answer) => answer.status).sort()).toEqual(['fulfilled', 'rejected']);
        // The one who is left gives both their roles again.
        await asset.postgres.query(
          `UPDATE users SET roles = '{secret-admin,bastion-admin}' WHERE id IN ('${userId}', '${second.id}')`,
          'asset',
        );
        await update(second.id, { roles: [] });
      });

      it('that do not exist are named so', async () => {
        const notFound = { code: 'user.not-found' };
        const common = { actor: admin, userId: nobody };
        const line = new Key().line;
        const publicKeyId = randomUUID() as PublicKeyId;
        await expect(asset.api.request(UpdateUserV1, common)).rejects.toMatchObject(notFound);
        await expect(asset.api.request(DeleteUserV1, common)).rejects.toMatchObject(notFound);
        await expect(asset.api.request(ListPublicKeysV1, common)).rejects.toMatchObject(notFound);
        await expect(asset.api.request(AddPublicKeyV1, { ...common, publicKey: line })).rejects.toMatchObject(notFound);
        await expect(asset.api.request(RemovePublicKeyV1, { ...common, publicKeyId })).rejects.toMatchObject(notFound);
      });
    });

    describe('public keys', () => {
      it('are added, listed, probed and removed, each on record', async () => {
        const { id: userId } = await createUser(asset, admin, { username: 'heidi' });
        const key = new Key();
        const probe = (username = 'heidi', offered = key) =>
          asset.session.request(ProbePublicKeyV1, { username, publicKey: offered.blob.toString('base64') });
        expect(await probe()).toEqual({ acceptable: false });

        const added = await asset.api.request(AddPublicKeyV1, { actor: admin, userId, publicKey: ` ${key.line}\n` });
        expect(added).toMatchObject({ publicKey: key.line, fingerprint: fingerprint(key.blob) });
        expect((await asset.recorded('public-key.added')).at(-1)).toMatchObject({ userId, publicKeyId: added.id });
        expect(await probe()).toEqual({ acceptable: true });
        expect(await probe('carol')).toEqual({ acceptable: false });
        expect(await probe('nobody')).toEqual({ acceptable: false });
        expect(await probe('heidi', new Key())).toEqual({ acceptable: false });

        const again = asset.api.request(AddPublicKeyV1, { actor: admin, userId, publicKey: key.line });
        await expect(again).rejects.toMatchObject({ code: 'public-key.exists' });
        const bad = asset.api.request(AddPublicKeyV1, {
          actor: admin,
          userId,
          publicKey: 'ssh-ed25519 AAAA not a key',
        });
        await expect(bad).rejects.toMatchObject({ code: 'request.invalid' });

        expect((await asset.api.request(ListPublicKeysV1, { actor: admin, userId })).items).toEqual([added]);
        const remove = { actor: admin, userId, publicKeyId: added.id };
        await asset.api.request(RemovePublicKeyV1, remove);
        expect((await asset.recorded('public-key.removed')).at(-1)).toMatchObject({
          userId,
          fingerprint: added.fingerprint,
        });
        expect(await probe()).toEqual({ acceptable: false });
        await expect(asset.api.request(RemovePublicKeyV1, remove)).rejects.toMatchObject({
          code: 'public-key.not-found',
        });
      });

      it('A9, A10: of a locked user are worth a signature, which is then refused, and on record', async () => {
        const key = new Key();
        const { id: userId } = await createUser(asset, admin, { username: 'ivan', publicKeys: [key.line] });
        await asset.api.request(UpdateUserV1, { actor: admin, userId, status: 'locked' });
        const probed = { username: 'ivan', publicKey: key.blob.toString('base64') };
        expect(await asset.session.request(ProbePublicKeyV1, probed)).toEqual({ acceptable: true });
        await expect(new ClientConnection().logOn(asset, 'ivan', key)).rejects.toMatchObject({
          code: 'access.unauthenticated',
        });
        expect((await asset.recorded('user.authentication-failed')).at(-1)).toMatchObject({
          username: 'ivan',
          reason: 'locked',
        });
      });
    });
  });
}
