import { randomUUID } from 'node:crypto';
import type { AccountId, HostId } from '@sallyport/contracts';
import {
  AuthorizeAccessV1,
  CreateAuthorizationV1,
  ImportHostsV1,
  ImportSecretsV1,
  ListImportableSecretsV1,
  PinHostKeyV1,
  ProtocolPolicy,
  SessionId,
} from '@sallyport/contracts';
import { fingerprint } from '@sallyport/ssh-keys';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BrokerStub } from './broker.suite.js';
import { CloudStub, describedInstance } from './cloud.suite.js';
import { actor, ClientConnection, createUser, Key, signIn } from './people.suite.js';
import type { RunningAsset } from './running-asset.suite.js';
import { startAsset } from './running-asset.suite.js';

let asset: RunningAsset;
const broker = new BrokerStub();
const cloud = new CloudStub();
const sealTo = 'c2VhbGVk';
beforeAll(async () => {
  asset = await startAsset(await cloud.start());
  broker.listen(asset);
});
afterAll(async () => {
  await asset.stop();
  cloud.stop();
});

test('from an empty database to a grant: administrator, host, account, user, authorization, logon', async () => {
  const admin = await actor(asset, await signIn(asset));
  cloud.instances = [describedInstance('i-1', { InstanceName: 'web-1' })];
  const [imported] = (
    await asset.api.request(ImportHostsV1, { actor: admin, regionId: 'cn-hangzhou', instanceIds: ['i-1'] })
  ).results;
  expect(imported).toMatchObject({ instanceId: 'i-1', code: 'OK' });
  const hostId = imported?.hostId as HostId;

  broker.set('acs/ecs/web-1-root', { instanceId: 'i-1' });
  broker.set('acs/ecs/other', { instanceId: 'i-2' });
  expect((await asset.api.request(ListImportableSecretsV1, { actor: admin, hostId })).items).toMatchObject([
    { secretName: 'acs/ecs/web-1-root', secretType: 'ECS', kind: 'password', tags: [] },
  ]);
  const [account] = (
    await asset.api.request(ImportSecretsV1, { actor: admin, hostId, secretNames: ['acs/ecs/web-1-root'] })
  ).results;
  expect(account?.code).toBe('OK');

  const key = new Key();
  const alice = await createUser(asset, admin, { username: 'alice', publicKeys: [key.line] });
  await asset.api.request(CreateAuthorizationV1, { actor: admin, userId: alice.id, hostId });

  const identity = await new ClientConnection().logOn(asset, 'alice@root@web-1', key);
  const sessionId = SessionId.parse(randomUUID());
  const target = { host: 'web-1', account: 'root' };
  const { grant } = await asset.session.request(AuthorizeAccessV1, { identity, sessionId, target, sealTo });
  const claims = await asset.verifier.grant(grant);
  expect(claims).toMatchObject({
    sessionId,
    userId: alice.id,
    username: 'alice',
    host: { hostId, name: 'web-1', address: '10.0.0.1', port: 22, hostKeys: [] },
    account: {
      accountId: account?.accountId as AccountId,
      userName: 'root',
      kind: 'password',
      secretName: 'acs/ecs/web-1-root',
      regionId: 'cn-hangzhou',
    },
    sealTo,
    policy: ProtocolPolicy.parse({}),
    limits: {},
  });

  const hostKey = new Key();
  const pinned = await asset.session.request(PinHostKeyV1, { grant, hostKey: hostKey.blob.toString('base64') });
  expect(pinned.fingerprint).toBe(fingerprint(hostKey.blob));
  expect(await asset.verifier.attestation(pinned.attestation)).toMatchObject({ grantId: claims.grantId, hostId });

  expect(await asset.recorded('access.granted')).toMatchObject([
    { sessionId, grantId: claims.grantId, accountName: 'root' },
  ]);
  expect(asset.events.map(({ type }) => type.split('.').slice(2, 4).join('.'))).toEqual([
    'user.created',
    'user.signed-in',
    'host.imported',
    'account.imported',
    'user.created',
    'authorization.created',
    'user.authenticated',
    'access.granted',
    'host-key.pinned',
  ]);
});
