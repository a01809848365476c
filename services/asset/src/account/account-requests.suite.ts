import { randomUUID } from 'node:crypto';
import type { Authorization, User } from '@sallyport/contracts';
import {
  AccountId,
  AuthorizationId,
  CreateAuthorizationV1,
  DeleteAccountV1,
  DeleteAuthorizationV1,
  DeleteHostV1,
  DeleteUserV1,
  HostId,
  ImportHostsV1,
  ImportSecretsV1,
  ListAccountsV1,
  ListAuthorizationsV1,
  ProtocolPolicy,
  UpdateAuthorizationV1,
  ListImportableSecretsV1,
  UserId,
} from '@sallyport/contracts';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BrokerStub } from '../broker.suite.js';
import type { CloudStub } from '../cloud.suite.js';
import { describedInstance } from '../cloud.suite.js';
import { actor, createUser, signIn } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';

/** Accounts of hosts, and the authorizations that are for them. */
export function accountRequests(running: () => RunningAsset, cloud: CloudStub, broker: BrokerStub): void {
  describe('accounts', () => {
    const regionId = 'cn-hangzhou';
    let asset: RunningAsset;
    let admin: string;
    let count = 0;
    /** A host with an instance of its own, and the secrets that the broker knows for it. */
    const newHost = async (...secrets: string[]): Promise<HostId> => {
      const instanceId = `i-account-${(count += 1)}`;
      cloud.instances = [describedInstance(instanceId)];
      const { results } = await asset.api.request(ImportHostsV1, { actor: admin, regionId, instanceIds: [instanceId] });
      for (const name of secrets) broker.set(name, { instanceId, userName: name.split('-').at(-1) ?? '' });
      return HostId.parse(results[0]?.hostId);
    };
    const importSecrets = async (hostId: HostId, ...secretNames: string[]) =>
      (await asset.api.request(ImportSecretsV1, { actor: admin, hostId, secretNames })).results;
    const accounts = async (hostId: HostId) =>
      (await asset.api.request(ListAccountsV1, { actor: admin, hostId })).items;
    beforeAll(() => {
      asset = running();
    });
    beforeEach(async () => {
      admin = await actor(asset, await signIn(asset));
    });

    describe('import of secrets', () => {
      it('makes accounts, once each, and says of every name what became of it', async () => {
        const hostId = await newHost('acs/ecs/a-root', 'acs/ecs/a-deploy');
        broker.set('acs/ecs/a-gone', 'secret.deleted');
        broker.set('acs/ecs/a-bad', 'secret.malformed');
        broker.set('acs/ecs/a-denied', 'kms.denied');
        const names = ['root', 'none', 'gone', 'bad', 'denied', 'deploy'].map((name) => `acs/ecs/a-${name}`);
        const results = await importSecrets(hostId, ...names);
        expect(results.map((result) => [result.secretName, result.code])).toEqual([
          ['acs/ecs/a-root', 'OK'],
          ['acs/ecs/a-none', 'OBJECT_NOT_FOUND'],
          ['acs/ecs/a-gone', 'OBJECT_NOT_FOUND'],
          ['acs/ecs/a-bad', 'INVALID_ARGUMENT'],
          ['acs/ecs/a-denied', 'UNEXPECTED'],
          ['acs/ecs/a-deploy', 'OK'],
        ]);
        expect(results.map(({ code, message = '' }) => (code === 'OK') === (message === ''))).not.toContain(false);
        expect(await accounts(hostId)).toMatchObject([
          { id: results[5]?.accountId, hostId, secretName: 'acs/ecs/a-deploy', userName: 'deploy', kind: 'password' },
          { id: results[0]?.accountId, userName: 'root' },
        ]);
        expect((await asset.recorded('account.imported')).slice(-2)).toMatchObject([
          { hostId, secretName: 'acs/ecs/a-root', userName: 'root' },
          { hostId, secretName: 'acs/ecs/a-deploy' },
        ]);
        expect(await importSecrets(hostId, 'acs/ecs/a-root')).toEqual([
          { secretName: 'acs/ecs/a-root', code: 'OBJECT_ALREADY_EXISTS', accountId: results[0]?.accountId },
        ]);
        expect(await accounts(hostId)).toHaveLength(2);
      });

      it('B8: refuses a secret of another instance, also for a host that has its address now', async () => {
        const old = await newHost('acs/ecs/b-root');
        const reused = await newHost();
        expect(await importSecrets(reused, 'acs/ecs/b-root')).toEqual([
          {
            secretName: 'acs/ecs/b-root',
            code: 'INVALID_ARGUMENT',
            message: 'it is not an ECS secret of the instance of this host',
          },
        ]);
        const importable = (hostId: HostId) => asset.api.request(ListImportableSecretsV1, { actor: admin, hostId });
        expect((await importable(reused)).items).toEqual([]);
        expect((await importable(old)).items).toMatchObject([{ secretName: 'acs/ecs/b-root', secretType: 'ECS' }]);
        expect(await importSecrets(old, 'acs/ecs/b-root')).toMatchObject([{ code: 'OK' }]);
        expect((await importable(old)).items).toEqual([]);
        expect(await accounts(reused)).toEqual([]);
      });

      it('fails as a whole when KMS let us look at nothing, and for a host that does not exist', async () => {
        const hostId = await newHost();
        broker.set('acs/ecs/c-1', 'kms.unreachable');
        broker.set('acs/ecs/c-2', 'kms.unreachable');
        await expect(importSecrets(hostId, 'acs/ecs/c-1', 'acs/ecs/c-2')).rejects.toMatchObject({
          code: 'kms.unreachable',
        });
        const noHost = HostId.parse(randomUUID());
        await expect(importSecrets(noHost, 'acs/ecs/c-1')).rejects.toMatchObject({ code: 'host.not-found' });
        await expect(accounts(noHost)).rejects.toMatchObject({ code: 'host.not-found' });
        const importable = asset.api.request(ListImportableSecretsV1, { actor: admin, hostId: noHost });
        await expect(importable).rejects.toMatchObject({ code: 'host.not-found' });
      });
    });

    describe('authorizations', () => {
      let user: User;
      beforeAll(async () => {
        user = await createUser(asset, await actor(asset, await signIn(asset)), { username: 'authorized' });
      });
      const defaults = { policy: ProtocolPolicy.parse({}), limits: {} };
      const create = (fields: Partial<Authorization> & Pick<Authorization, 'hostId'>): Promise<Authorization> =>
        asset.api.request(CreateAuthorizationV1, { actor: admin, userId: user.id, ...fields });
      const list = async (filter: { userId?: UserId; hostId?: HostId }) =>
        (await asset.api.request(ListAuthorizationsV1, { actor: admin, limit: 50, ...filter })).items;

      it('are made, listed by user and host, and removed, on record', async () => {
        const hostId = await newHost('acs/ecs/d-root', 'acs/ecs/d-deploy');
        const [root] = await importSecrets(hostId, 'acs/ecs/d-root', 'acs/ecs/d-deploy');
        const accountIds = [AccountId.parse(root?.accountId)];
        const validUntil = '2030-01-01T00:00:00.000Z';
        const [all, one] = [await create({ hostId }), await create({ hostId, accountIds, validUntil })];
        expect(all).toEqual({ id: all.id, userId: user.id, hostId, ...defaults });
        expect(one).toEqual({ id: one.id, userId: user.id, hostId, accountIds, validUntil, ...defaults });
        expect((await asset.recorded('authorization.created')).at(-1)).toMatchObject({ authorization: one });
        const listed = await list({ hostId });
        expect(listed).toHaveLength(2);
        expect(listed).toEqual(expect.arrayContaining([all, one]));
        expect(await list({ userId: user.id, hostId })).toHaveLength(2);
        expect(await list({ userId: UserId.parse(randomUUID()) })).toEqual([]);

        const remove = { actor: admin, authorizationId: one.id };
        await asset.api.request(DeleteAuthorizationV1, remove);
        expect((await asset.recorded('authorization.deleted')).at(-1)).toMatchObject({ authorization: one });
        expect(await list({ hostId })).toEqual([all]);
        await expect(asset.api.request(DeleteAuthorizationV1, remove)).rejects.toMatchObject({
          code: 'authorization.not-found',
        });
      });

      it('carry a policy and limits, which change switch by switch, on record', async () => {
        const hostId = await newHost();
        const policy = ProtocolPolicy.parse({ localForward: true, files: { upload: false } });
        const made = await create({ hostId, policy, limits: { idleSeconds: 900 } });
        expect(made).toMatchObject({ policy, limits: { idleSeconds: 900 } });
        expect((await asset.recorded('authorization.created')).at(-1)).toMatchObject({ authorization: made });
        const update = (change: object) =>
          asset.api.request(UpdateAuthorizationV1, { actor: admin, authorizationId: made.id, ...change });
        const validUntil = '2030-01-01T00:00:00.000Z';
        const after = await update({ policy: { agent: true }, limits: { durationSeconds: 60 }, validUntil });
        const expected = { policy: { ...policy, agent: true }, limits: { idleSeconds: 900, durationSeconds: 60 } };
        expect(after).toEqual({ ...made, ...expected, validUntil });
        expect(await list({ hostId })).toEqual([after]);
        expect((await asset.recorded('authorization.updated')).at(-1)).toMatchObject({ before: made, after });

        await expect(update({ validFrom: validUntil })).rejects.toMatchObject({ code: 'request.invalid' });
        const unknown = { actor: admin, authorizationId: AuthorizationId.parse(randomUUID()) };
        await expect(asset.api.request(UpdateAuthorizationV1, unknown)).rejects.toMatchObject({
          code: 'authorization.not-found',
        });
        expect(await list({ hostId })).toEqual([after]);
      });

      it('are refused for what does not exist, for accounts of another host, and when they would never be valid', async () => {
        const [hostId, other] = [await newHost(), await newHost('acs/ecs/e-root')];
        const [root] = await importSecrets(other, 'acs/ecs/e-root');
        const accountIds = [AccountId.parse(root?.accountId)];
        const missing = HostId.parse(randomUUID());
        await expect(create({ hostId: missing })).rejects.toMatchObject({ code: 'host.not-found' });
        const nobody = UserId.parse(randomUUID());
        await expect(create({ hostId, userId: nobody })).rejects.toMatchObject({ code: 'user.not-found' });
        await expect(create({ hostId, accountIds })).rejects.toMatchObject({ code: 'account.not-found' });
        const never = { validFrom: '2030-01-01T00:00:00Z', validUntil: '2030-01-01T00:00:00Z' };
        await expect(create({ hostId, ...never })).rejects.toMatchObject({ code: 'request.invalid' });
        const badCursor = { actor: admin, limit: 5, cursor: Buffer.from('x').toString('base64url') };
        await expect(asset.api.request(ListAuthorizationsV1, badCursor)).rejects.toMatchObject({
          code: 'request.invalid',
        });
        const unknown = { actor: admin, authorizationId: AuthorizationId.parse(randomUUID()) };
        await expect(asset.api.request(DeleteAuthorizationV1, unknown)).rejects.toThrow();
      });

      it('lose accounts that are removed, and never become ones for all accounts', async () => {
        const hostId = await newHost('acs/ecs/f-root');
        const [root] = await importSecrets(hostId, 'acs/ecs/f-root');
        const accountId = AccountId.parse(root?.accountId);
        const { id } = await create({ hostId, accountIds: [accountId] });
        const remove = { actor: admin, hostId, accountId };
        await asset.api.request(DeleteAccountV1, remove);
        expect((await asset.recorded('account.deleted')).at(-1)).toMatchObject({
          accountId,
          secretName: 'acs/ecs/f-root',
        });
        await expect(asset.api.request(DeleteAccountV1, remove)).rejects.toMatchObject({ code: 'account.not-found' });
        const noHost = { ...remove, hostId: HostId.parse(randomUUID()) };
        await expect(asset.api.request(DeleteAccountV1, noHost)).rejects.toMatchObject({ code: 'host.not-found' });
        expect(await list({ hostId })).toEqual([{ id, userId: user.id, hostId, accountIds: [], ...defaults }]);
      });

      it('end with their host and with their user', async () => {
        const [first, second] = [await newHost(), await newHost()];
        const leaver = await createUser(asset, admin, { username: 'leaver' });
        for (const hostId of [first, second]) await create({ hostId, userId: leaver.id });
        await asset.api.request(DeleteHostV1, { actor: admin, hostId: first });
        expect(await list({ userId: leaver.id })).toMatchObject([{ hostId: second }]);
        await asset.api.request(DeleteUserV1, { actor: admin, userId: leaver.id });
        expect(await list({ hostId: second })).toEqual([]);
      });
    });
  });
}
