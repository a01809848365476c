import { randomUUID } from 'node:crypto';
import type { Authorization } from '@sallyport/contracts';
import {
  AuthorizeAccessV1,
  CreateAuthorizationV1,
  HostId,
  ImportHostsV1,
  ImportSecretsV1,
  SessionId,
} from '@sallyport/contracts';
import { beforeAll, beforeEach } from 'vitest';
import type { BrokerStub } from '../broker.suite.js';
import type { CloudStub } from '../cloud.suite.js';
import { describedInstance } from '../cloud.suite.js';
import { actor, ClientConnection, createUser, Key, signIn } from '../people.suite.js';
import type { RunningAsset } from '../running-asset.suite.js';

/** Of every user of these. */
export const password = 'correct horse battery';

/** What a grant needs, for tests: hosts with accounts, users with a key and a password, permissions. @param suite names the hosts */
export function wayToAGrant(running: () => RunningAsset, cloud: CloudStub, broker: BrokerStub, suite: string) {
  const regionId = 'cn-hangzhou';
  const key = new Key();
  let admin = '';
  let count = 0;
  const enter = async (): Promise<void> => {
    admin = await actor(running(), await signIn(running()));
  };
  beforeAll(enter);
  beforeEach(enter); // An identity is good for a minute.
  const permit = (fields: Pick<Authorization, 'userId' | 'hostId'> & Partial<Authorization>) =>
    running().api.request(CreateAuthorizationV1, { actor: admin, ...fields });
  const last = async (event: string) => (await running().recorded(event)).at(-1);
  return {
    get asset() {
      return running();
    },
    /** An identity of an administrator. */
    get admin() {
      return admin;
    },
    /** Of every user of these. */
    key,
    newHost: async (address: string, ...accounts: string[]): Promise<{ hostId: HostId; name: string }> => {
      const { api } = running();
      const name = `i-${suite}-${(count += 1)}`;
      cloud.instances = [describedInstance(name, { VpcAttributes: { PrivateIpAddress: { IpAddress: [address] } } })];
      const { results } = await api.request(ImportHostsV1, { actor: admin, regionId, instanceIds: [name] });
      const hostId = HostId.parse(results[0]?.hostId);
      for (const userName of accounts) {
        const secretName = `acs/ecs/${name}-${userName}`;
        broker.set(secretName, { instanceId: name, userName });
        await api.request(ImportSecretsV1, { actor: admin, hostId, secretNames: [secretName] });
      }
      return { hostId, name };
    },
    /** Somebody who may use these hosts. */
    newUser: async (username: string, ...hosts: HostId[]) => {
      const user = await createUser(running(), admin, { username, publicKeys: [key.line], password });
      for (const hostId of hosts) await permit({ userId: user.id, hostId });
      return user;
    },
    permit,
    /** @returns the grant */
    authorize: async (identity: string, host: string, account?: string): Promise<string> => {
      const target = account === undefined ? { host } : { host, account };
      const request = { identity, sessionId: SessionId.parse(randomUUID()), target, sealTo: 'c2VhbA==' };
      return (await running().session.request(AuthorizeAccessV1, request)).grant;
    },
    /** @returns the identity */
    logOn: (username: string): Promise<string> => new ClientConnection().logOn(running(), username, key),
    /** The data of the last event of a name. */
    last,
    denied: () => last('access.denied'),
  };
}
