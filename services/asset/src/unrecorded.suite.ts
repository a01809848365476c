import { randomUUID } from 'node:crypto';
import {
  AuthorizeAccessV1,
  CreateAuthorizationV1,
  HostId,
  ImportHostsV1,
  ImportSecretsV1,
  ListUsersV1,
  SessionId,
  UpdateHostV1,
} from '@sallyport/contracts';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BrokerStub } from './broker.suite.js';
import type { CloudStub } from './cloud.suite.js';
import { describedInstance } from './cloud.suite.js';
import { actor, ClientConnection, createUser, Key, signIn } from './people.suite.js';
import type { RunningAsset } from './running-asset.suite.js';

/** What cannot be recorded is not done. */
export function unrecorded(running: () => RunningAsset, cloud: CloudStub, broker: BrokerStub): void {
  describe('without the audit stream', () => {
    const [key, instanceId, secretName] = [new Key(), 'i-unrecorded', 'acs/ecs/unrecorded-root'];
    const unavailable = { code: 'audit.unavailable', retryable: true };
    let asset: RunningAsset;
    let admin: string;
    let hostId: HostId;
    beforeAll(async () => {
      asset = running();
      admin = await actor(asset, await signIn(asset));
      cloud.instances = [describedInstance(instanceId)];
      broker.set(secretName, { instanceId });
      const instanceIds = [instanceId];
      const { results } = await asset.api.request(ImportHostsV1, {
        actor: admin,
        regionId: 'cn-hangzhou',
        instanceIds,
      });
      hostId = HostId.parse(results[0]?.hostId);
      await asset.api.request(ImportSecretsV1, { actor: admin, hostId, secretNames: [secretName] });
      const { id: userId } = await createUser(asset, admin, { username: 'unrecorded', publicKeys: [key.line] });
      await asset.api.request(CreateAuthorizationV1, { actor: admin, userId, hostId });
    });
    beforeEach(async () => {
      admin = await actor(asset, await signIn(asset));
    });

    it('nobody is made, changed or signed in, and the same again works when it is back', async () => {
      const attempts = [
        () => createUser(asset, admin, { username: 'never-made' }),
        () => asset.api.request(UpdateHostV1, { actor: admin, hostId, port: 2222 }),
        () => signIn(asset),
      ];
      await asset.withoutStream(async () => {
        for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject(unavailable);
        const { items } = await asset.api.request(ListUsersV1, { actor: admin, limit: 200 });
        expect(items.map((user) => user.username)).not.toContain('never-made');
      });
      for (const attempt of attempts) await attempt();
    });

    it('nobody logs on, and evidence is not used up', async () => {
      const client = new ClientConnection();
      const evidence = key.evidence(client.sessionId, 'unrecorded');
      const strange = new Key().evidence(client.sessionId, 'unrecorded');
      await asset.withoutStream(async () => {
        for (const one of [evidence, strange])
          await expect(client.authenticate(asset, 'unrecorded', one)).rejects.toMatchObject(unavailable);
      });
      await client.authenticate(asset, 'unrecorded', evidence);
    });

    it('no grant leaves, and no refusal either', async () => {
      const identity = await new ClientConnection().logOn(asset, 'unrecorded', key);
      const authorize = (host: string): Promise<unknown> => {
        const sessionId = SessionId.parse(randomUUID());
        return asset.session.request(AuthorizeAccessV1, { identity, sessionId, target: { host }, sealTo: 'c2VhbA==' });
      };
      await asset.withoutStream(async () => {
        for (const host of [instanceId, 'no-such-host'])
          await expect(authorize(host)).rejects.toMatchObject(unavailable);
      });
      await authorize(instanceId);
    });
  });
}
