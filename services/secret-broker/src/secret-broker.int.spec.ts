import { randomUUID } from 'node:crypto';
import {
  CreateSecretV1,
  DeleteSecretV1,
  DescribeSecretV1,
  GetSecretV1,
  ListEcsSecretsV1,
  ListSecretVersionsV1,
  OpenCredentialV1,
  PrepareCredentialV1,
  RefreshCredentialV1,
  ReleaseCredentialV1,
  RestoreSecretV1,
  RotateSecretV1,
  SetRotationPolicyV1,
  SetSecretPolicyV1,
  SetSecretTagsV1,
  ShowSecretStatesV1,
  SignUserauthV1,
  UpdateSecretV1,
  UserId,
} from '@sallyport/contracts';
import type { CredentialKind, GrantClaims, Role } from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import { seal } from '@sallyport/sealing';
import { fingerprint, verifySignature } from '@sallyport/ssh-keys';
import { waitFor } from '@sallyport/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { newGrant, newSecret, newSecretData, TestHost, TestSession } from './credential/conversation.suite.js';
import { startWorld } from './testing/broker-processes.suite.js';
import type { TestBrokerProcess } from './testing/broker-processes.suite.js';
import { atLast, secretRequests } from './secret/secret-requests.suite.js';

const host = new TestHost();
const hostKeys = [fingerprint(host.hostKey)];
const accounts = { password: 'root', 'ssh-key': 'deploy' } as const;

describe('the broker as a process', () => {
  let world: Awaited<ReturnType<typeof startWorld>>;
  let broker: TestBrokerProcess;
  let api: Bus;
  let asset: Bus;
  let session: Bus;
  let own: TestSession;
  const values: string[] = [];

  beforeAll(async () => {
    world = await startWorld();
    broker = await world.startBroker();
    [api, asset, session] = await Promise.all([world.bus('api'), world.bus('asset'), world.bus('session')]);
    own = await TestSession.start();
  });

  const actor = (...roles: Role[]): Promise<string> => {
    const who = { userId: UserId.parse(randomUUID()), username: 'bob', clientAddress: '192.0.2.1' };
    return world.signer.identity({ ...who, use: 'rest', roles, method: 'token' }, 600);
  };

  const createSecret = async (kind: CredentialKind) => {
    const { regionId, instanceId } = world.emulator;
    const data = newSecretData(kind, accounts[kind]);
    values.push(data);
    const secret = newSecret(kind, { regionId, instanceId });
    const value = await seal(world.sealingKey, Buffer.from(data), secret.name);
    const request = { actor: await actor('secret-admin'), name: secret.name, regionId, instanceId, kind, value };
    await api.request(CreateSecretV1, request);
    return { ...secret, text: data };
  };
  const grantFor = (secret: Awaited<ReturnType<typeof createSecret>>, change: object = {}): GrantClaims =>
    newGrant({ secret, userName: accounts[secret.kind], hostKeys, sealTo: own.sealTo, ...change });
  const prepare = async (grant: GrantClaims) =>
    session.request(PrepareCredentialV1, { grant: await world.signer.grant(grant) });
  const open = ({ grantId }: GrantClaims, replica: string) => {
    return session.request(OpenCredentialV1, { grantId, ...host.shown(own.targetSessionId) }, { replica });
  };
  const recorded = (name: string) => {
    const audited = world.messages.filter(({ subject }) => subject === `audit.${name}`);
    const events = audited.map(({ text }) => JSON.parse(text) as { id: string; data: Record<string, unknown> });
    // A publisher that was not answered in time sends it again; the stream keeps one of them.
    return [...new Map(events.map(({ id, data }) => [id, data])).values()];
  };

  it('B11, B13: a password, from its creation to a logon, sealed all the way', async () => {
    const secret = await createSecret('password');
    const grant = grantFor(secret);
    const { replica, versionId, kind } = await prepare(grant);
    expect(kind).toBe('password');
    const released = await open(grant, replica);
    if (released.kind !== 'password') throw new Error('not a password');
    const password = await own.open(released.password, grant.grantId, fingerprint(host.hostKey));
    expect(JSON.stringify({ UserName: 'root', Password: password })).toBe(secret.text);
    await session.request(ReleaseCredentialV1, { grantId: grant.grantId }, { replica });
    const use = { grantId: grant.grantId, sessionId: grant.sessionId, secretVersionId: versionId, attempt: 1 };
    await expect.poll(() => recorded('credential.released'), atLast).toContainEqual(expect.objectContaining(use));
    await expect(open(grant, replica)).rejects.toMatchObject({ code: 'credential.not-prepared' });
  });

  it('B12: a signature that the target takes, by a key that stays in the broker', async () => {
    const secret = await createSecret('ssh-key');
    const grant = grantFor(secret);
    const { replica } = await prepare(grant);
    const released = await open(grant, replica);
    if (released.kind !== 'ssh-key') throw new Error('not a key');
    const data = own.userauth(released.publicKey, { userName: 'deploy' });
    const request = { grantId: grant.grantId, userauthRequest: data.toString('base64') };
    const { signature } = await session.request(SignUserauthV1, request, { replica });
    const publicKeyBlob = Buffer.from(released.publicKey, 'base64');
    const signatureBlob = Buffer.from(signature, 'base64');
    expect(verifySignature({ publicKeyBlob, algorithm: 'ssh-ed25519', data, signatureBlob })).toBe(true);
    const other = own.userauth(released.publicKey, { userName: 'root' }).toString('base64');
    const refused = session.request(SignUserauthV1, { ...request, userauthRequest: other }, { replica });
    await expect(refused).rejects.toMatchObject({ code: 'signature.refused' });
    const facts = { grantId: grant.grantId, operation: 'sign', code: 'signature.refused' };
    await expect.poll(() => recorded('credential.refused'), atLast).toContainEqual(expect.objectContaining(facts));
  });

  it('B11: a grant is good once, whichever replica is asked', async () => {
    const second = await world.startBroker();
    const grant = await world.signer.grant(grantFor(await createSecret('password')));
    const asked = Array.from({ length: 8 }, () => session.request(PrepareCredentialV1, { grant }));
    const answers = await Promise.allSettled(asked);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(answers.filter((one) => one.status === 'rejected').map((one): unknown => one.reason)).toEqual(
      Array(7).fill(expect.objectContaining({ code: 'grant.used' })),
    );
    expect(await second.process.stop({ graceMs: 60_000 })).toMatchObject({ code: 0 });
  });

  it('B11: a request that does not fit its contract is refused, recorded and counted', async () => {
    const { replica } = await prepare(grantFor(await createSecret('password')));
    const connection = await world.connectAs('session');
    const contracts = [PrepareCredentialV1, OpenCredentialV1, SignUserauthV1, RefreshCredentialV1, ReleaseCredentialV1];
    for (const contract of contracts) {
      const subject = contract.addressed ? `${contract.subject}.${replica}` : contract.subject;
      const packet = JSON.stringify({ pattern: subject, id: '1', data: { grantId: 'none', more: 'than there is' } });
      const reply = (await connection.request(subject, packet, { timeout: 30_000 })).json<{ err: unknown }>();
      expect(reply.err).toMatchObject({ code: 'request.invalid' });
    }
    const operations = () =>
      recorded('credential.refused').flatMap(({ code, operation }) => (code === 'request.invalid' ? [operation] : []));
    await waitFor(() => operations().length >= contracts.length, { what: 'the refusals on record' });
    expect(operations().sort()).toEqual(['open', 'prepare', 'refresh', 'release', 'sign']);
    const metrics = await broker.metrics();
    expect(metrics).toMatch(/^sallyport_credential_refused_total\{[^}]*code="request.invalid"[^}]*\} 1\b/m);
  });

  it('H2: kill -9 of a replica between open and sign: the logon fails cleanly, and the next one works by another', async () => {
    const second = await world.startBroker();
    const secret = await createSecret('ssh-key');
    const grant = grantFor(secret);
    const { replica } = await prepare(grant);
    const released = await open(grant, replica);
    if (released.kind !== 'ssh-key') throw new Error('not a key');
    const holder = [broker, second].find(({ process }) => process.lines.some((line) => line.includes(replica)));
    holder?.process.signal('SIGKILL');
    await holder?.process.exited;
    const data = own.userauth(released.publicKey, { userName: 'deploy' });
    const request = { grantId: grant.grantId, userauthRequest: data.toString('base64') };
    // At once where nobody else listens; the ear of this test costs the whole deadline.
    await expect(session.request(SignUserauthV1, request, { replica })).rejects.toMatchObject({
      code: 'service.unavailable',
      retryable: true,
    });
    // What the grant was used for is remembered outside of the replica: it opens nothing at the other.
    await expect(prepare(grant)).rejects.toMatchObject({ code: 'grant.used' });
    const next = grantFor(secret);
    const { replica: other } = await prepare(next);
    expect(other).not.toBe(replica);
    expect(await open(next, other)).toMatchObject({ kind: 'ssh-key' });
    const left = holder === broker ? second : broker;
    broker = left;
  });

  it('B2: a rotation between prepare and logon is met inside the same grant', async () => {
    const secret = await createSecret('password');
    const { regionId, name } = secret;
    const grant = grantFor(secret);
    const { replica, versionId } = await prepare(grant);
    await open(grant, replica);
    await api.request(RotateSecretV1, { actor: await actor('secret-admin'), name, regionId, versionId: 'v2' });
    const request = { grantId: grant.grantId, refusedVersionId: versionId };
    const next = await session.request(RefreshCredentialV1, request, { replica });
    expect(next).toMatchObject({ kind: 'password', versionId: 'v2' });
    expect(await broker.metrics()).toMatch(
      /^sallyport_credential_rotations_total\{[^}]*stage="ACSCurrent"[^}]*\} 1\b/m,
    );
    const one = { actor: await actor('secret-admin'), name, regionId };
    const { items } = await api.request(ListSecretVersionsV1, { ...one, deprecated: false });
    expect(items.find((version) => version.versionId === 'v2')?.stages).toContain('ACSCurrent');
  });

  it('B8: asset learns what it needs for the import, and no value', async () => {
    const { regionId, name, instanceId } = await createSecret('ssh-key');
    const facts = { name, instanceId, kind: 'ssh-key', userName: 'deploy' };
    expect(await asset.request(DescribeSecretV1, { regionId, name })).toMatchObject(facts);
    const standing = { state: 'ok', currentVersionId: expect.any(String) as string };
    // A list that takes long is answered with what is known so far.
    await expect
      .poll(async () => (await asset.request(ListEcsSecretsV1, { regionId, instanceId })).items, atLast)
      .toContainEqual(expect.objectContaining({ name, instanceId, kind: 'ssh-key', standing }));
    const states = await asset.request(ShowSecretStatesV1, { regionId, names: [name, 'acs/ecs/none'], versions: true });
    expect(states.items).toEqual([
      { name, ...standing },
      { name: 'acs/ecs/none', state: 'gone' },
    ]);
  });

  it('B6: a secret in its deletion window gives its own reason, and can be restored', async () => {
    const secret = await createSecret('password');
    const one = { actor: await actor('secret-admin'), name: secret.name, regionId: secret.regionId };
    await api.request(DeleteSecretV1, { ...one, force: false, recoveryWindowDays: 7 });
    await expect(prepare(grantFor(secret))).rejects.toMatchObject({ code: 'secret.deleted' });
    await api.request(RestoreSecretV1, one);
    expect(await prepare(grantFor(secret))).toMatchObject({ kind: 'password' });
  });

  secretRequests(() => ({ world, api, actor, createSecret, recorded }));

  it.each([
    ['api', PrepareCredentialV1.subject],
    ['asset', PrepareCredentialV1.subject],
    ['session', CreateSecretV1.subject],
    ['session', DescribeSecretV1.subject],
    ['audit', GetSecretV1.subject],
  ] as const)('B11: the NATS identity of %s cannot ask for %s', async (name, subject) => {
    const connection = await world.connectAs(name);
    await expect(connection.request(subject, '{}', { timeout: 30_000 })).rejects.toThrow(/permissions violation/i);
  });

  it('goes on after a restart', async () => {
    const secret = await createSecret('password');
    expect(await broker.process.stop({ graceMs: 60_000 })).toMatchObject({ code: 0 });
    broker = await world.startBroker();
    const grant = grantFor(secret);
    const { replica } = await prepare(grant);
    expect(await open(grant, replica)).toMatchObject({ kind: 'password' });
  });

  it('B10: neither NATS nor the log of the broker ever had a value in it', async () => {
    const everything = await waitFor(() => world.messages.length > 20 && world.messages.map(({ text }) => text), {
      what: 'messages',
    });
    const texts = [...everything, ...broker.process.lines].join('\n');
    expect(values.length).toBeGreaterThan(4);
    for (const value of values) {
      const { Password, PrivateKey } = JSON.parse(value) as { Password?: string; PrivateKey?: string };
      const pieces = [Password?.slice(-36), PrivateKey?.split('\n')[1]].filter((piece) => piece !== undefined);
      for (const piece of pieces) {
        expect(texts).not.toContain(piece);
        expect(texts).not.toContain(Buffer.from(piece).toString('base64').slice(4, 40));
      }
    }
  });

  it('read-only, without the identity of an administrator: logons work, and changes are kms.denied', async () => {
    const secret = await createSecret('password');
    const { name, regionId, instanceId } = secret;
    await broker.process.stop();
    const without = { KMS_ADMIN_ACCESS_KEY_ID: undefined, KMS_ADMIN_ACCESS_KEY_SECRET: undefined };
    broker = await world.startBroker(without);
    const grant = grantFor(secret);
    const { replica } = await prepare(grant);
    expect(await open(grant, replica)).toMatchObject({ kind: 'password' });
    const one = { actor: await actor('secret-admin'), name, regionId };
    expect(await api.request(GetSecretV1, one)).toMatchObject({ name });
    const value = await seal(world.sealingKey, Buffer.from(newSecretData('password', 'root')), `${name}-2`);
    const create = { ...one, name: `${name}-2`, instanceId, kind: 'password' as const, value };
    const tags = [{ key: 'env', value: 'prod' }];
    const access = { administrators: ['user/ann'], users: [], crossAccountUsers: [] };
    const refused: [string, string, () => Promise<unknown>][] = [
      ['create', 'CreateSecret', () => api.request(CreateSecretV1, create)],
      ['rotate', 'RotateSecret', () => api.request(RotateSecretV1, one)],
      ['delete', 'DeleteSecret', () => api.request(DeleteSecretV1, { ...one, force: true })],
      ['restore', 'RestoreSecret', () => api.request(RestoreSecretV1, one)],
      ['update', 'UpdateSecret', () => api.request(UpdateSecretV1, { ...one, description: 'x' })],
      ['set-tags', 'TagResource', () => api.request(SetSecretTagsV1, { ...one, tags })],
      ['set-policy', 'GetSecretPolicy', () => api.request(SetSecretPolicyV1, { ...one, access })],
      [
        'set-rotation-policy',
        'UpdateSecretRotationPolicy',
        () => api.request(SetRotationPolicyV1, { ...one, enabled: false }),
      ],
    ];
    for (const [operation, action, change] of refused) {
      const message = expect.stringContaining(`kms:${action} is missing`) as string;
      const denied = { code: 'kms.denied', message, cloud: { code: 'Forbidden.NoPermission' } };
      await expect(change(), operation).rejects.toMatchObject(denied);
      const facts = {
        operation,
        secretName: expect.stringContaining(name) as string,
        kmsCode: 'Forbidden.NoPermission',
      };
      await expect.poll(() => recorded('secret.change-refused'), atLast).toContainEqual(expect.objectContaining(facts));
    }
    expect(await api.request(GetSecretV1, one)).toMatchObject({ name, automaticRotation: 'Disabled' });
  });
});
