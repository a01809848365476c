import { gzipSync } from 'node:zlib';
import { randomUUID } from 'node:crypto';
import {
  AddPublicKeyV1,
  BeginTotpV1,
  ConfirmTotpV1,
  ApproveHostKeysV1,
  CreateAuthorizationV1,
  CreateSecretV1,
  CreateTicketV1,
  CreateSubscriptionV1,
  CreateUserV1,
  DeleteAccountV1,
  DeleteAuthorizationV1,
  DeleteHostV1,
  DeleteSecretV1,
  DeleteSubscriptionV1,
  DeleteUserV1,
  ExportEventsV1,
  FollowEventsV1,
  FollowRecordingV1,
  GetHostV1,
  GetRotationV1,
  GetSecretPolicyV1,
  GetSecretV1,
  GetSessionV1,
  GetSubscriptionV1,
  ImportHostsV1,
  ImportSecretsV1,
  ListAccountsV1,
  ListAuthorizationsV1,
  ListDeadLettersV1,
  ListEventsV1,
  ListFactorsV1,
  ListHostKeyCandidatesV1,
  ListHostKeysV1,
  ListHostsV1,
  ListImportableSecretsV1,
  ListInstancesV1,
  ListKmsInstancesV1,
  ListKmsKeysV1,
  ListKmsRegionsV1,
  ListOwnFactorsV1,
  ListPublicKeysV1,
  ListSecretsV1,
  ListSecretVersionsV1,
  ListRecordingsV1,
  ListSessionsV1,
  ListTargetsV1,
  ListTicketsV1,
  ListSubscriptionsV1,
  ListUsersV1,
  ProtocolPolicy,
  ProveConsistencyV1,
  ProveEventV1,
  ReadRecordingV1,
  RemoveOwnTotpV1,
  RemovePublicKeyV1,
  ReplaceHostKeysV1,
  ResetTotpV1,
  ReplaceManyHostKeysV1,
  RestoreSecretV1,
  RevokeTicketV1,
  RetryDeadLettersV1,
  RotateSecretV1,
  SetRotationPolicyV1,
  SetSecretPolicyV1,
  SetSecretTagsV1,
  ShowCheckpointV1,
  UpdateAuthorizationV1,
  UpdateHostV1,
  UpdateSecretV1,
  UpdateSubscriptionV1,
  UpdateUserV1,
  type RequestContract,
  type RequestOf,
} from '@sallyport/contracts';
import { seal } from '@sallyport/sealing';
import { routeInputs } from '@sallyport/testing';

/** One id for everything: what matters is that it is one. */
export const id = randomUUID();
const now = '2026-01-02T03:04:05.678Z';
const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== alice@laptop';
const fingerprint = `SHA256:${'A'.repeat(43)}`;

const user = { id, username: 'alice', roles: ['operator'], publicKeys: [publicKey], status: 'active' };
const host = {
  id,
  name: 'web-1',
  instanceId: 'i-1',
  regionId: 'cn-hangzhou',
  address: '192.0.2.1',
  port: 22,
  osType: 'linux',
  status: 'active',
  source: 'ecs',
  hostKeyMode: 'approve',
};
const hostKeys = { items: [{ type: 'ssh-ed25519', fingerprint, publicKey, source: 'first-use', pinnedAt: now }] };
const secret = { name: 'acs/ecs/web-01', regionId: 'cn-hangzhou', type: 'ECS', kind: 'password' };
const kmsKey = {
  keyId: 'key-1',
  kmsInstanceId: 'kst-1',
  keySpec: 'Aliyun_AES_256',
  keyUsage: 'ENCRYPT/DECRYPT',
  state: 'Enabled',
  encryptsSecrets: true,
};
const secretPolicy = { policy: '{}', access: { administrators: [], users: [], crossAccountUsers: [] } };
const authorization = {
  id,
  userId: id,
  hostId: id,
  policy: ProtocolPolicy.parse({ agent: true }),
  limits: { idleSeconds: 900 },
};
const session = {
  id,
  userId: id,
  username: 'alice',
  clientAddress: '192.0.2.7',
  hostId: id,
  hostName: 'web-1',
  accountId: id,
  accountName: 'root',
  status: 'active',
  openedAt: now,
};
const event = {
  specversion: '1.0',
  id,
  type: 'io.sallyport.session.opened.v1',
  source: '/sallyport/session',
  time: now,
  datacontenttype: 'application/json',
  data: { sessionId: id },
  sequence: 1,
};
const hash = Buffer.alloc(32).toString('base64');
const subscription = {
  id,
  name: 'siem',
  url: 'https://siem.example/hook',
  filter: {},
  status: 'active',
  position: 1,
  behind: 0,
  failures: 0,
  deadLetters: 0,
  createdAt: now,
};
const checkpoint = { size: 1, rootHash: hash, checkpoint: 'x', madeAt: now, verifierKey: 'a+b+c' };
const instance = { ...host, status: 'Running', source: undefined, id: undefined, hostKeyMode: undefined };
const candidate = { hostId: id, type: 'ssh-ed25519', fingerprint, publicKey, seenAt: now, sessionId: id, userId: id };
const page = (item: unknown) => ({ items: [item], nextCursor: 'next' });

const factors = { items: [{ kind: 'totp', status: 'active', createdAt: now }] };
const ticket = { id, userId: id, uses: 1, usesLeft: 1, createdAt: now, expiresAt: now };
const otpauth = 'otpauth://totp/Sallyport:alice?secret=GEZDGNBVGY3TQOJQ&issuer=Sallyport';

/** A good reply to each request that the api forwards, or what makes one. */
export const replies: readonly [RequestContract, unknown][] = [
  [ListSecretsV1, page(secret)],
  [CreateSecretV1, secret],
  [GetSecretV1, secret],
  [DeleteSecretV1, { name: secret.name, plannedDeleteAt: now }],
  [RestoreSecretV1, { name: secret.name }],
  [RotateSecretV1, { name: secret.name, versionId: 'v2' }],
  [SetRotationPolicyV1, secret],
  [ListSecretVersionsV1, { items: [{ versionId: 'v1', createdAt: now, stages: ['ACSCurrent'] }] }],
  [UpdateSecretV1, secret],
  [SetSecretTagsV1, secret],
  [GetRotationV1, { name: secret.name, versionId: 'v2', status: 'rotating' }],
  [GetSecretPolicyV1, secretPolicy],
  [SetSecretPolicyV1, secretPolicy],
  [ListKmsInstancesV1, { items: [{ kmsInstanceId: 'kst-1' }] }],
  [ListKmsKeysV1, page(kmsKey)],
  [ListKmsRegionsV1, { items: [{ regionId: 'cn-hangzhou' }] }],
  [ListInstancesV1, page(instance)],
  [ImportHostsV1, { results: [{ instanceId: 'i-1', code: 'OK', hostId: id }] }],
  [ListHostsV1, page(host)],
  [GetHostV1, host],
  [UpdateHostV1, host],
  [DeleteHostV1, {}],
  [ListHostKeysV1, hostKeys],
  [ReplaceHostKeysV1, hostKeys],
  [ReplaceManyHostKeysV1, { results: [{ hostId: id, code: 'OK', ...hostKeys }] }],
  [ListHostKeyCandidatesV1, page(candidate)],
  [ApproveHostKeysV1, hostKeys],
  [
    ListImportableSecretsV1,
    { items: [{ secretName: secret.name, secretType: 'ECS', kind: 'password', tags: [{ key: 'a', value: 'b' }] }] },
  ],
  [ImportSecretsV1, { results: [{ secretName: secret.name, code: 'OK', accountId: id }] }],
  [ListAccountsV1, { items: [{ id, hostId: id, secretName: secret.name, userName: 'root', kind: 'password' }] }],
  [DeleteAccountV1, {}],
  [ListUsersV1, page(user)],
  [CreateUserV1, user],
  [UpdateUserV1, user],
  [DeleteUserV1, {}],
  [ListPublicKeysV1, { items: [{ id, publicKey, fingerprint }] }],
  [AddPublicKeyV1, { id, publicKey, fingerprint }],
  [RemovePublicKeyV1, {}],
  [ListOwnFactorsV1, factors],
  [
    BeginTotpV1,
    async ({ sealTo }: RequestOf<typeof BeginTotpV1>) => ({ uri: await seal(sealTo, Buffer.from(otpauth), id) }),
  ],
  [ConfirmTotpV1, {}],
  [RemoveOwnTotpV1, {}],
  [ListFactorsV1, factors],
  [ResetTotpV1, {}],
  [CreateTicketV1, ticket],
  [ListTicketsV1, page(ticket)],
  [RevokeTicketV1, {}],
  [ListTargetsV1, { items: [{ ...host, host: 'web-1', account: 'root' }] }],
  [ListAuthorizationsV1, page(authorization)],
  [CreateAuthorizationV1, authorization],
  [UpdateAuthorizationV1, authorization],
  [DeleteAuthorizationV1, {}],
  [ListSessionsV1, page(session)],
  [GetSessionV1, session],
  [ListRecordingsV1, { items: [{ channel: 0, kind: 'terminal', status: 'recording', startedAt: now }] }],
  [ReadRecordingV1, { gzip: gzipSync('{"version":2}\n').toString('base64') }],
  [
    FollowRecordingV1,
    {
      ...{ channel: 0, gzip: gzipSync('').toString('base64'), position: 1, ended: true },
      screen: { columns: 80, rows: 24, text: '' },
    },
  ],
  [ListEventsV1, page(event)],
  [FollowEventsV1, { items: [event], position: 1 }],
  [ListSubscriptionsV1, { items: [subscription] }],
  [CreateSubscriptionV1, subscription],
  [GetSubscriptionV1, subscription],
  [UpdateSubscriptionV1, subscription],
  [DeleteSubscriptionV1, {}],
  [ListDeadLettersV1, page({ sequence: 1, id, error: 'x', failedAt: now, retrying: false })],
  [RetryDeadLettersV1, { retrying: 1 }],
  [ShowCheckpointV1, checkpoint],
  [ProveEventV1, { ...checkpoint, sequence: 1, leafHash: hash, proof: [] }],
  [ProveConsistencyV1, { ...checkpoint, first: 1, proof: [hash] }],
  [ExportEventsV1, { lines: Buffer.from('{}\n').toString('base64') }],
];

/** What to send, by method and path, where the path alone is not enough. */
export const inputs = routeInputs(id, publicKey);
