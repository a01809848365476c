import { randomUUID } from 'node:crypto';
import type { Authorization, HostId, RequestOf, UserId } from '@sallyport/contracts';
import {
  AddHostGroupMemberV1,
  AddUserGroupMemberV1,
  AuthorizeAccessV1,
  CreateAuthorizationV1,
  CreateHostGroupV1,
  CreateUserGroupV1,
  DeleteHostGroupV1,
  DeleteHostV1,
  DeleteUserGroupV1,
  DeleteUserV1,
  GroupId,
  HostId as HostIdSchema,
  ImportHostsV1,
  ImportSecretsV1,
  ListAccountsV1,
  ListAuthorizationsV1,
  ListHostGroupMembersV1,
  ListTargetsV1,
  ListUserGroupMembersV1,
  ListUserGroupsV1,
  ProtocolPolicy,
  RemoveHostGroupMemberV1,
  RemoveUserGroupMemberV1,
  ReviewSessionsV1,
  SessionId,
  UpdateUserGroupV1,
} from '@sallyport/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BrokerStub } from '../broker.suite.js';
import type { CloudStub } from '../cloud.suite.js';
import { describedInstance } from '../cloud.suite.js';
import { actor, ClientConnection, createUser, Key, signIn } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';

/** Groups of users and of hosts, and what authorizations for them permit. */
export function groupRequests(running: () => RunningAsset, cloud: CloudStub, broker: BrokerStub): void {
  describe('groups', () => {
    const key = new Key();
    let asset: RunningAsset;
    let admin: string;
    let count = 0;
    beforeEach(async () => {
      asset = running();
      admin = await actor(asset, await signIn(asset));
      count += 1;
    });

    const newUser = async (username: string): Promise<UserId> =>
      (await createUser(asset, admin, { username, publicKeys: [key.line] })).id;
    const newHost = async (name: string, ...accounts: string[]): Promise<HostId> => {
      cloud.instances = [describedInstance(name)];
      const request = { actor: admin, regionId: 'cn-hangzhou', instanceIds: [name] };
      const hostId = HostIdSchema.parse((await asset.api.request(ImportHostsV1, request)).results[0]?.hostId);
      const secretNames = accounts.map((userName) => `acs/ecs/${name}-${userName}`);
      for (const [i, userName] of accounts.entries()) broker.set(secretNames[i] ?? '', { instanceId: name, userName });
      if (accounts.length > 0) await asset.api.request(ImportSecretsV1, { actor: admin, hostId, secretNames });
      return hostId;
    };
    const newGroups = async () => {
      const users = await asset.api.request(CreateUserGroupV1, { actor: admin, name: `people ${count}` });
      const hosts = await asset.api.request(CreateHostGroupV1, { actor: admin, name: `machines ${count}` });
      return { users: users.id, hosts: hosts.id };
    };
    const permit = (fields: Omit<RequestOf<typeof CreateAuthorizationV1>, 'actor'>): Promise<Authorization> =>
      asset.api.request(CreateAuthorizationV1, { actor: admin, ...fields });
    const [addUser, removeUser] = [AddUserGroupMemberV1, RemoveUserGroupMemberV1].map(
      (contract) => (groupId: GroupId, memberId: UserId) =>
        asset.api.request(contract, { actor: admin, groupId, memberId }),
    ) as [AddOrRemove<UserId>, AddOrRemove<UserId>];
    const [addHost, removeHost] = [AddHostGroupMemberV1, RemoveHostGroupMemberV1].map(
      (contract) => (groupId: GroupId, memberId: HostId) =>
        asset.api.request(contract, { actor: admin, groupId, memberId }),
    ) as [AddOrRemove<HostId>, AddOrRemove<HostId>];
    const last = async (event: string) => (await asset.recorded(event)).at(-1);

    /** Somebody who logged on, and what asset says of where they may go. */
    const visitor = async (username: string) => {
      const identity = await new ClientConnection().logOn(asset, username, key);
      const authorize = async (host: string, account?: string) => {
        const target = account === undefined ? { host } : { host, account };
        const request = { identity, sessionId: SessionId.parse(randomUUID()), target, sealTo: 'c2VhbA==' };
        return asset.verifier.grant((await asset.session.request(AuthorizeAccessV1, request)).grant);
      };
      const targets = async () =>
        (await asset.session.request(ListTargetsV1, { identity, limit: 50 })).items.map(
          ({ host, account }) => `${account}@${host}`,
        );
      return { authorize, targets };
    };

    it('are made, changed and removed, before and after on record; names are unique, letters’ case aside', async () => {
      const create = (name: string) => asset.api.request(CreateUserGroupV1, { actor: admin, name, comment: 'by week' });
      const group = await create('On Call');
      expect(await last('user-group.created')).toMatchObject({ group });
      await expect(create('on call')).rejects.toMatchObject({ code: 'user-group.exists' });
      const other = await create('Other');
      const update = (change: object) =>
        asset.api.request(UpdateUserGroupV1, { actor: admin, groupId: group.id, ...change });
      await expect(update({ name: 'OTHER' })).rejects.toMatchObject({ code: 'user-group.exists' });
      expect(await update({})).toEqual(group);
      const after = await update({ name: 'On duty', comment: null });
      expect(after).toEqual({ id: group.id, name: 'On duty' });
      expect(await last('user-group.updated')).toMatchObject({ before: group, after });
      for (const name of ['', ' x', 'x ', 'a\u001b[31m', 'a\u202eb', 'x'.repeat(129)])
        await expect(create(name), JSON.stringify(name)).rejects.toMatchObject({ code: 'request.invalid' });

      const request = { actor: admin, groupId: other.id };
      await asset.api.request(DeleteUserGroupV1, request);
      expect(await last('user-group.deleted')).toMatchObject({ group: other, members: 0, authorizationIds: [] });
      const gone = { code: 'user-group.not-found' };
      for (const contract of [DeleteUserGroupV1, UpdateUserGroupV1] as const)
        await expect(asset.api.request(contract, request)).rejects.toMatchObject(gone);
      await expect(asset.api.request(ListUserGroupMembersV1, { ...request, limit: 1 })).rejects.toMatchObject(gone);
    });

    it('have members, listed page by page, each once; what is deleted is in none', async () => {
      const { users, hosts } = await newGroups();
      const names = ['g-c', 'g-a', 'g-b'];
      const ids: UserId[] = [];
      for (const name of names) ids.push(await newUser(name));
      for (const id of [...ids, ...ids]) await addUser(users, id);
      const added = (await asset.recorded('user-group.member-added')).filter(({ groupId }) => groupId === users);
      expect(added.map(({ memberId }) => memberId)).toEqual(ids);

      const list = { actor: admin, groupId: users, limit: 2 };
      const first = await asset.api.request(ListUserGroupMembersV1, list);
      expect(first.items.map(({ name }) => name)).toEqual(['g-a', 'g-b']);
      const rest = await asset.api.request(ListUserGroupMembersV1, { ...list, cursor: first.nextCursor ?? '' });
      expect(rest).toEqual({ items: [{ id: ids[0], name: 'g-c' }] });
      const of = { actor: admin, limit: 50, memberId: ids[0] };
      expect((await asset.api.request(ListUserGroupsV1, of)).items.map(({ id }) => id)).toEqual([users]);

      const [c, a] = ids as [UserId, UserId];
      await removeUser(users, c);
      expect(await last('user-group.member-removed')).toMatchObject({ groupId: users, memberId: c });
      await expect(removeUser(users, c)).rejects.toMatchObject({ code: 'user.not-found' });
      const nobody = randomUUID() as UserId & HostId;
      await expect(addUser(users, nobody)).rejects.toMatchObject({ code: 'user.not-found' });
      await expect(addHost(hosts, nobody)).rejects.toMatchObject({ code: 'host.not-found' });
      await expect(addUser(hosts, a)).rejects.toMatchObject({ code: 'user-group.not-found' });
      await asset.api.request(DeleteUserV1, { actor: admin, userId: a });
      expect((await asset.api.request(ListUserGroupMembersV1, list)).items).toEqual([{ id: ids[2], name: 'g-b' }]);

      const hostId = await newHost('g-host');
      await addHost(hosts, hostId);
      const inside = { actor: admin, groupId: hosts, limit: 50 };
      expect(await asset.api.request(ListHostGroupMembersV1, inside)).toEqual({
        items: [{ id: hostId, name: 'g-host' }],
      });
      await asset.api.request(DeleteHostV1, { actor: admin, hostId });
      expect(await asset.api.request(ListHostGroupMembersV1, inside)).toEqual({ items: [] });
    });

    it.each([
      ['a user at a group of hosts', ['userId', 'hostGroupId']],
      ['a group of users at a host', ['userGroupId', 'hostId']],
      ['a group of users at a group of hosts', ['userGroupId', 'hostGroupId']],
    ] as const)('an authorization for %s holds for who and what is in it, and for nobody else', async (_, parties) => {
      const { users, hosts } = await newGroups();
      const [name, elsewhere, username, other] = ['in', 'out', 'yes', 'no'].map((word) => `g-${word}-${count}`) as [
        string,
        string,
        string,
        string,
      ];
      const [hostId, outside] = [await newHost(name, 'root'), await newHost(elsewhere, 'root')];
      const [userId] = [await newUser(username), await newUser(other)];
      await addUser(users, userId);
      await addHost(hosts, hostId);
      const all = { userId, userGroupId: users, hostId, hostGroupId: hosts };
      const authorization = await permit(Object.fromEntries(parties.map((party) => [party, all[party]])));
      expect(await last('authorization.created')).toMatchObject({ authorization });

      const [mine, theirs] = [await visitor(username), await visitor(other)];
      expect(await mine.targets()).toEqual([`root@${name}`]);
      expect(await mine.authorize(name)).toMatchObject({ userId, host: { hostId } });
      const absent = { code: 'target.not-found' };
      await expect(mine.authorize(elsewhere)).rejects.toMatchObject(absent);
      // A user who is in no group, and a host that is in none, get nothing from those of others.
      if (parties[0] === 'userGroupId') await expect(theirs.authorize(name)).rejects.toMatchObject(absent);
      expect(await theirs.targets()).toEqual([]);
      const find = async (filter: object) =>
        (await asset.api.request(ListAuthorizationsV1, { actor: admin, limit: 50, ...filter })).items;
      for (const filter of [{ userId }, { hostId }, ...parties.map((party) => ({ [party]: all[party] }))])
        expect(await find(filter), JSON.stringify(filter)).toEqual([authorization]);
      expect(await find({ userId, hostId: outside })).toEqual([]);
    });

    it('E4: a member taken out, a group removed or a host taken out ends what stood on it, and nothing that stands otherwise', async () => {
      const [name, username] = [`g-e4-${count}`, `g-e4-${count}`];
      const [hostId, userId] = [await newHost(name, 'root'), await newUser(username)];
      const { users, hosts } = await newGroups();
      const enter = async () => {
        await addUser(users, userId);
        await addHost(hosts, hostId);
      };
      await enter();
      const byGroup = await permit({ userGroupId: users, hostGroupId: hosts });
      const { authorize, targets } = await visitor(username);
      const { sessionId, clientAddress, account } = await authorize(name);
      const open = { sessionId, userId, clientAddress, hostId, accountId: account.accountId };
      const review = async () => (await asset.session.request(ReviewSessionsV1, { sessions: [open] })).ended;
      expect(await review()).toEqual([]);

      const revoked = [{ sessionId, why: 'revoked' }];
      for (const leave of [() => removeUser(users, userId), () => removeHost(hosts, hostId)]) {
        await leave();
        expect(await review()).toMatchObject(revoked);
        expect(await targets()).toEqual([]);
        await expect(authorize(name)).rejects.toMatchObject({ code: 'target.not-found' });
        await enter();
        expect(await review()).toEqual([]);
      }

      const direct = await permit({ userId, hostId });
      await asset.api.request(DeleteHostGroupV1, { actor: admin, groupId: hosts });
      expect(await last('host-group.deleted')).toMatchObject({ members: 1, authorizationIds: [byGroup.id] });
      expect(await review()).toEqual([]);
      expect((await last('access.granted'))?.['authorizationIds']).not.toContain(direct.id);
      await authorize(name);
      expect(await last('access.granted')).toMatchObject({ authorizationIds: [direct.id] });

      await permit({ userGroupId: users, hostId });
      await asset.api.request(DeleteUserGroupV1, { actor: admin, groupId: users });
      expect(await review()).toEqual([]);
      await asset.api.request(DeleteUserV1, { actor: admin, userId });
      expect(await review()).toMatchObject(revoked);
    });

    it('add up with what is permitted by name: any switch, the shortest limit, oldest first', async () => {
      const [name, username] = [`g-sum-${count}`, `g-sum-${count}`];
      const [hostId, userId] = [await newHost(name, 'root'), await newUser(username)];
      const { users, hosts } = await newGroups();
      await addUser(users, userId);
      await addHost(hosts, hostId);
      const policy = (switches: object) => ProtocolPolicy.parse(switches);
      const made = [
        await permit({
          userGroupId: users,
          hostGroupId: hosts,
          policy: policy({ agent: true }),
          limits: { idleSeconds: 900 },
        }),
        await permit({ userId, hostId, policy: policy({ shell: false }), limits: { idleSeconds: 60 } }),
        await permit({ userGroupId: users, hostId, policy: policy({ x11: true }), validUntil: '2020-01-01T00:00:00Z' }),
      ];
      const { authorize } = await visitor(username);
      expect(await authorize(name)).toMatchObject({
        policy: { agent: true, shell: true, x11: false },
        limits: { idleSeconds: 60 },
      });
      expect(await last('access.granted')).toMatchObject({ authorizationIds: made.slice(0, 2).map(({ id }) => id) });
    });

    it('of hosts can be permitted with some accounts of theirs, and with no others', async () => {
      const [one, two, username] = [`g-one-${count}`, `g-two-${count}`, `g-some-${count}`];
      const [first, second] = [await newHost(one, 'root', 'ops'), await newHost(two, 'root')];
      const userId = await newUser(username);
      const { hosts } = await newGroups();
      await addHost(hosts, first);
      const accountsOf = async (hostId: HostId) =>
        (await asset.api.request(ListAccountsV1, { actor: admin, hostId })).items;
      const ops = (await accountsOf(first)).filter(({ userName }) => userName === 'ops').map(({ id }) => id);
      const elsewhere = (await accountsOf(second)).map(({ id }) => id);
      const notFound = { code: 'account.not-found' };
      await expect(permit({ userId, hostGroupId: hosts, accountIds: elsewhere })).rejects.toMatchObject(notFound);
      await permit({ userId, hostGroupId: hosts, accountIds: ops });
      await addHost(hosts, second);
      const { authorize, targets } = await visitor(username);
      expect(await targets()).toEqual([`ops@${one}`]);
      await expect(authorize(one, 'root')).rejects.toMatchObject({ code: 'target.not-found' });
      await expect(authorize(two, 'root')).rejects.toMatchObject({ code: 'target.not-found' });
    });

    it('an authorization is for one of each: not for both, not for neither, not for what does not exist', async () => {
      const [hostId, userId] = [await newHost(`g-one-of-${count}`), await newUser(`g-one-of-${count}`)];
      const { users, hosts } = await newGroups();
      const none = GroupId.parse(randomUUID());
      for (const [parties, code] of [
        [{ hostId }, 'request.invalid'],
        [{ userGroupId: users }, 'request.invalid'],
        [{ userId, userGroupId: users, hostId }, 'request.invalid'],
        [{ userId, hostId, hostGroupId: hosts }, 'request.invalid'],
        [{ userGroupId: none, hostId }, 'user-group.not-found'],
        [{ userId, hostGroupId: none }, 'host-group.not-found'],
        [{ userGroupId: hosts, hostId }, 'user-group.not-found'],
      ] as const)
        await expect(permit(parties), JSON.stringify(parties)).rejects.toMatchObject({ code });
    });
  });
}

type AddOrRemove<M> = (groupId: GroupId, memberId: M) => Promise<unknown>;
