import { randomUUID } from 'node:crypto';
import type { Authorization, UserId } from '@sallyport/contracts';
import {
  AuthorizeAccessV1,
  CreateAuthorizationV1,
  HostId,
  ImportHostsV1,
  ImportSecretsV1,
  ListAccountsV1,
  ListPublicKeysV1,
  ListTargetsV1,
  RemovePublicKeyV1,
  SessionId,
  UpdateUserV1,
} from '@sallyport/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import type { BrokerStub } from '../broker.suite.js';
import type { CloudStub } from '../cloud.suite.js';
import { describedInstance } from '../cloud.suite.js';
import { actor, ClientConnection, createUser, Key, signIn } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';

/** What somebody may choose from, and for how long after the logon. */
export function targetRequests(running: () => RunningAsset, cloud: CloudStub, broker: BrokerStub): void {
  describe('the list of targets', () => {
    const regionId = 'cn-hangzhou';
    let asset: RunningAsset;
    let admin: string;
    let count = 0;
    let key: Key;
    let userId: UserId;
    let username: string;
    beforeEach(async () => {
      asset = running();
      admin = await actor(asset, await signIn(asset));
      key = new Key();
      username = `chooser-${(count += 1)}`;
      userId = (await createUser(asset, admin, { username, publicKeys: [key.line], password: 'correct horse battery' }))
        .id;
    });

    const newHost = async (name: string, ...accounts: string[]): Promise<HostId> => {
      cloud.instances = [describedInstance(name)];
      const { results } = await asset.api.request(ImportHostsV1, { actor: admin, regionId, instanceIds: [name] });
      const hostId = HostId.parse(results[0]?.hostId);
      for (const [i, userName] of accounts.entries()) {
        const secretName = `acs/ecs/${name}-${i}`;
        broker.set(secretName, { instanceId: name, userName });
        await asset.api.request(ImportSecretsV1, { actor: admin, hostId, secretNames: [secretName] });
      }
      return hostId;
    };
    const permit = (fields: Pick<Authorization, 'hostId'> & Partial<Authorization>) =>
      asset.api.request(CreateAuthorizationV1, { actor: admin, userId, ...fields });
    const logOn = (): Promise<string> => new ClientConnection().logOn(asset, username, key);
    const list = async (identity: string, more: { search?: string; limit?: number; cursor?: string } = {}) =>
      asset.session.request(ListTargetsV1, { identity, limit: 50, ...more });
    const names = async (identity: string, search?: string) =>
      (await list(identity, search === undefined ? {} : { search })).items.map(
        ({ host, account }) => `${account}@${host}`,
      );

    it('A4: has what the user may log on to now, and nothing else', async () => {
      const hosts = { all: await newHost('t1-all', 'root', 'ops'), one: await newHost('t1-one', 'root', 'ops') };
      const [past, future] = [await newHost('t1-past', 'root'), await newHost('t1-future', 'root')];
      await newHost('t1-forbidden', 'root');
      await permit({ hostId: hosts.all });
      await permit({ hostId: hosts.all });
      const { items } = await asset.api.request(ListAccountsV1, { actor: admin, hostId: hosts.one });
      await permit({ hostId: hosts.one, accountIds: items.filter((a) => a.userName === 'ops').map((a) => a.id) });
      await permit({ hostId: past, validUntil: '2020-01-01T00:00:00Z' });
      await permit({ hostId: future, validFrom: '2999-01-01T00:00:00Z' });

      const identity = await logOn();
      expect(await names(identity)).toEqual(['ops@t1-all', 'root@t1-all', 'ops@t1-one']);
      expect((await list(identity, { limit: 1 })).items).toMatchObject([
        { host: 't1-all', instanceId: 't1-all', account: 'ops', status: 'active' },
      ]);
      const rest = await actor(asset, await signIn(asset, username, 'correct horse battery'));
      expect(await names(rest)).toEqual(['ops@t1-all', 'root@t1-all', 'ops@t1-one']);
    });

    it('is searched for words of any part, and paged, by asset', async () => {
      await permit({ hostId: await newHost('t2-Web', 'root', 'deploy') });
      await permit({ hostId: await newHost('t2-db', 'root', 'o_s%') });
      const identity = await logOn();
      expect(await names(identity, 'WEB')).toEqual(['deploy@t2-Web', 'root@t2-Web']);
      expect(await names(identity, ' root  t2-d ')).toEqual(['root@t2-db']);
      expect(await names(identity, '%')).toEqual(['o_s%@t2-db']);
      expect(await names(identity, 'nothing')).toEqual([]);

      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const { items, nextCursor } = await list(identity, { limit: 3, ...(cursor !== undefined && { cursor }) });
        seen.push(...items.map(({ host, account }) => `${account}@${host}`));
        cursor = nextCursor;
      } while (cursor !== undefined);
      expect(seen).toEqual(await names(identity));
      const wrong = list(identity, { cursor: Buffer.from('["x"]').toString('base64url') });
      await expect(wrong).rejects.toMatchObject({ code: 'request.invalid' });
    });

    it('A5: is for who proved it: not with another word than asset’s, not for a user locked since or a key removed since', async () => {
      const hostId = await newHost('t3-host', 'root');
      await permit({ hostId });
      await expect(list('e30.e30.e30')).rejects.toMatchObject({ code: 'access.unauthenticated' });
      expect((await asset.recorded('token.refused')).at(-1)).toMatchObject({ operation: 'asset.target.list.v1' });

      const identity = await logOn();
      const authorize = () =>
        asset.session.request(AuthorizeAccessV1, {
          identity,
          sessionId: SessionId.parse(randomUUID()),
          target: { host: 't3-host', account: 'root' },
          sealTo: 'c2VhbA==',
        });
      await authorize();
      await asset.api.request(UpdateUserV1, { actor: admin, userId, status: 'locked' });
      await expect(list(identity)).rejects.toMatchObject({ code: 'access.unauthenticated' });
      await asset.api.request(UpdateUserV1, { actor: admin, userId, status: 'active' });
      await authorize();
      const { items } = await asset.api.request(ListPublicKeysV1, { actor: admin, userId });
      for (const { id: publicKeyId } of items)
        await asset.api.request(RemovePublicKeyV1, { actor: admin, userId, publicKeyId });
      await expect(list(identity)).rejects.toMatchObject({ code: 'access.unauthenticated' });
      await expect(authorize()).rejects.toMatchObject({ code: 'access.unauthenticated' });
      expect((await asset.recorded('access.denied')).at(-1)).toMatchObject({ username, reason: 'key-removed' });
    });
  });
}
