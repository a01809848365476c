import { randomBytes } from 'node:crypto';
import {
  CreateSecretRoute,
  CreateUserRoute,
  DeleteSecretRoute,
  GetRotationRoute,
  GetSecretPolicyRoute,
  GetSecretRoute,
  ListInstancesRoute,
  ListKmsInstancesRoute,
  ListKmsKeysRoute,
  ListKmsRegionsRoute,
  ListSecretsRoute,
  ListSecretVersionsRoute,
  RestoreSecretRoute,
  RotateSecretRoute,
  SetRotationPolicyRoute,
  SetSecretPolicyRoute,
  SetSecretTagsRoute,
  UpdateSecretRoute,
  type EcsInstance,
  type SecretWarning,
} from '@sallyport/contracts';
import { waitFor, type RestClient } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerHost, rotate } from './support/real-host.js';
import { anonymous, emulator, local, signInAs } from './support/sallyport.js';

/** What KMS keeps of a secret besides its value, as somebody types it. */
const facts = {
  tags: [
    { key: 'env', value: 'prod' },
    { key: 'team', value: 'web' },
  ],
  description: 'root of the web server',
  customData: { ticket: 'T-1' },
};

describe('a secret administrator, who has no other role', () => {
  const run = randomBytes(4).toString('hex');
  const name = `acs/ecs/story-${run}-a`;
  const params = { name };
  let admin: RestClient;
  let instance: EcsInstance;
  let chosen: { regionId: string; instanceId: string; kmsInstanceId: string; encryptionKeyId: string };
  const host = { instanceId: `i-story-${run}`, name: `story-${run}` };
  beforeAll(async () => {
    await registerHost(host);
    const [username, password] = [`secrets-${run}`, randomBytes(12).toString('hex')];
    const body = { username, password, roles: ['secret-admin' as const] };
    await (await signInAs('admin')).call(CreateUserRoute, { body });
    admin = await anonymous.signIn(username, password);
  });
  afterAll(() => emulator('DELETE', `instances/${host.instanceId}`));
  const get = () => admin.call(GetSecretRoute, { params });

  it('chooses region, instance, KMS instance and key from lists', async () => {
    const regions = await admin.call(ListKmsRegionsRoute);
    const regionId = regions.items.find((region) => region.regionId === local.kms.regionId)?.regionId ?? '';
    let cursor: string | undefined;
    const instances: EcsInstance[] = [];
    do {
      const query = { regionId, limit: 100, ...(cursor !== undefined && { cursor }) };
      const page = await admin.call(ListInstancesRoute, { query });
      instances.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    instance = instances.find((one) => one.name === host.name) as EcsInstance;
    expect(instance).toMatchObject({ ...host, regionId, osType: 'linux' });
    const [kms] = (await admin.call(ListKmsInstancesRoute, { query: { regionId } })).items;
    const kmsInstanceId = kms?.kmsInstanceId ?? '';
    const { items: keys } = await admin.call(ListKmsKeysRoute, { query: { regionId, kmsInstanceId } });
    const key = keys.find(({ encryptsSecrets }) => encryptsSecrets);
    expect(key).toMatchObject({ kmsInstanceId, keyId: expect.stringMatching(/^key-/) as string });
    chosen = { regionId, instanceId: instance.instanceId, kmsInstanceId, encryptionKeyId: key?.keyId ?? '' };
  });

  it('creates a secret with all that KMS takes, and reads it back, without its value', async () => {
    const access = { administrators: ['user/ann'], users: ['role/app'], crossAccountUsers: ['acs:ram::2:user/eve'] };
    const password = randomBytes(16).toString('hex');
    const value = { kind: 'password', userName: 'root', password } as const;
    const body = { name, ...chosen, ...value, ...facts, rotation: { intervalSeconds: 86_400 }, access };
    const created = await admin.call(CreateSecretRoute, { body });
    const secret = await get();
    expect(created).toEqual(secret);
    expect(secret).toMatchObject({
      ...{ name, ...chosen, type: 'ECS', kind: 'password', description: facts.description },
      ...{ customData: facts.customData, automaticRotation: 'Enabled', rotationIntervalSeconds: 86_400 },
    });
    expect(secret.tags).toHaveLength(2);
    expect(secret.tags).toEqual(expect.arrayContaining(facts.tags));
    const nextMs = Date.parse(secret.nextRotationAt ?? '') - Date.parse(secret.createdAt ?? '');
    expect(nextMs).toBe(86_400_000);
    expect(JSON.stringify(secret)).not.toContain(password);
    const owner = /:(\d{16}):/.exec(secret.arn ?? '')?.[1] ?? '';
    const policy = await admin.call(GetSecretPolicyRoute, { params });
    const [administrators, users] = [[`acs:ram::${owner}:user/ann`], [`acs:ram::${owner}:role/app`]];
    expect(policy.access).toEqual({ ...access, administrators, users });
    const readers = ['kms:List*', 'kms:Describe*', 'kms:GetSecretValue'];
    const changes = ['DeleteSecret', 'RestoreSecret', 'RotateSecret', 'TagResource', 'UntagResource'];
    const managers = [
      'kms:List*',
      'kms:Describe*',
      'kms:PutSecretValue',
      'kms:Update*',
      ...changes.map((one) => `kms:${one}`),
    ];
    expect(JSON.parse(policy.policy)).toMatchObject({
      Statement: [
        { Principal: { RAM: administrators }, Action: managers },
        { Principal: { RAM: users }, Action: readers },
        { Principal: { RAM: access.crossAccountUsers }, Action: readers },
      ],
    });
  });

  it('creates secrets with the default policy, and with one of its own words', async () => {
    const params = { name: `acs/ecs/own-${run}` };
    const value = { kind: 'password', userName: 'policies', generate: true } as const;
    const body = { ...params, ...chosen, ...value };
    await admin.call(CreateSecretRoute, { body });
    const byDefault = await admin.call(GetSecretPolicyRoute, { params });
    expect(byDefault.access).toBeUndefined();
    expect(JSON.parse(byDefault.policy)).toMatchObject({
      Statement: [{ Effect: 'Allow', Principal: { RAM: [expect.stringMatching(/:\*$/)] }, Action: ['kms:*'] }],
    });
    await admin.call(DeleteSecretRoute, { params, query: { force: true } });

    const policy = byDefault.policy.replace('kms:*', 'kms:Describe*');
    await admin.call(CreateSecretRoute, { body: { ...body, policy } });
    expect(await admin.call(GetSecretPolicyRoute, { params })).toEqual({ policy });
    expect(await admin.call(SetSecretPolicyRoute, { params, body: byDefault })).toEqual(byDefault);
    await admin.call(DeleteSecretRoute, { params, query: { force: true } });
  });

  it('is warned of a second secret for the same account, wherever one of the two is made, looked at or comes back', async () => {
    const twin = { name: `acs/ecs/twin-${run}` };
    const codes = ({ warnings = [] }: { warnings?: SecretWarning[] | undefined }) =>
      warnings.map(({ code, secretName }) => `${code} ${secretName ?? ''}`);
    const value = { kind: 'ssh-key', userName: 'root', generate: true } as const;
    const created = await admin.call(CreateSecretRoute, { body: { ...twin, ...chosen, ...value } });
    expect(codes(created)).toEqual([`same-account ${name}`, 'value-not-on-instance ']);
    expect(created.warnings?.[0]?.message).toContain('rotate each other away');
    expect(codes(await get())).toEqual([`same-account ${twin.name}`]);
    const rotation = { enabled: true, intervalSeconds: 86_400 };
    expect(codes(await admin.call(SetRotationPolicyRoute, { params, body: rotation }))).toHaveLength(1);

    await admin.call(DeleteSecretRoute, { params: twin, query: {} });
    expect(codes(await get())).toEqual([]);
    expect(codes(await admin.call(RestoreSecretRoute, { params: twin }))).toEqual([`same-account ${name}`]);
    await admin.call(DeleteSecretRoute, { params: twin, query: { force: true } });
    expect(codes(await get())).toEqual([]);
  });

  it('is told with the code of KMS that the name is taken', async () => {
    const body = { name, ...chosen, kind: 'password', userName: 'root', password: 'another' };
    const { status, json } = await admin.raw('POST', '/v1/kms/secrets', body);
    expect({ status, json }).toMatchObject({
      status: 409,
      json: {
        code: 'secret.exists',
        cloud: { code: 'Rejected.ResourceExist', requestId: expect.any(String) as string },
      },
    });
  });

  it('finds secrets, page by page', async () => {
    const others = ['b', 'c'].map((letter) => `acs/ecs/story-${run}-${letter}`);
    for (const other of others) {
      const value = { kind: 'ssh-key', userName: 'deploy', generate: true } as const;
      const { instanceId, regionId } = chosen;
      const body = { name: other, instanceId, regionId, ...value, description: `other ${run}` };
      const { warnings = [] } = await admin.call(CreateSecretRoute, { body });
      expect(warnings.map(({ code }) => code)).toContain('value-not-on-instance');
    }
    const search = async (query: object) => {
      const { items, nextCursor } = await admin.call(ListSecretsRoute, { query: { limit: 2, ...query } });
      return { names: items.map((item) => item.name), nextCursor };
    };
    const first = await search({ keyword: `story-${run}` });
    expect(first.names).toEqual([name, others[0]]);
    const second = await search({ keyword: `STORY-${run}`, cursor: first.nextCursor });
    expect(second).toEqual({ names: [others[1]], nextCursor: undefined });
    expect((await search({ keyword: `other ${run}` })).names).toEqual(others);
    expect((await search({ instanceId: host.instanceId, tag: 'env=prod' })).names).toEqual([name]);
    expect((await search({ instanceId: host.instanceId, tag: 'env=test' })).names).toEqual([]);
    for (const other of others)
      await admin.call(DeleteSecretRoute, { params: { name: other }, query: { force: true } });
  });

  it('changes description, custom data, tags, rotation policy and policy', async () => {
    const change = { description: 'moved', customData: { ticket: 'T-2', owner: 'ann' } };
    await admin.call(UpdateSecretRoute, { params, body: change });
    const tags = [{ key: 'env', value: 'test' }];
    await admin.call(SetSecretTagsRoute, { params, body: { tags } });
    expect(await get()).toMatchObject({ ...change, tags });
    await admin.call(SetRotationPolicyRoute, { params, body: { enabled: false } });
    expect(await get()).toMatchObject({ automaticRotation: 'Disabled' });
    await admin.call(SetRotationPolicyRoute, { params, body: { enabled: true, intervalSeconds: 7_200 } });
    expect(await get()).toMatchObject({ automaticRotation: 'Enabled', rotationIntervalSeconds: 7_200 });

    const access = { administrators: ['user/bob'], users: [], crossAccountUsers: [] };
    const set = await admin.call(SetSecretPolicyRoute, { params, body: { access } });
    expect(set.access?.administrators).toEqual([expect.stringMatching(/^acs:ram::\d{16}:user\/bob$/)]);
    const { policy } = await admin.call(GetSecretPolicyRoute, { params });
    expect(policy).toBe(set.policy);
    const own = policy.replace('user/bob', 'user/carol');
    await admin.call(SetSecretPolicyRoute, { params, body: { policy: own } });
    expect((await admin.call(GetSecretPolicyRoute, { params })).policy).toBe(own);
    const refused = admin.call(SetSecretPolicyRoute, { params, body: { policy: '{"Version":"1"}' } });
    await expect(refused).rejects.toMatchObject({ problem: { status: 400, code: 'request.invalid' } });
  });

  it('rotates, follows that to its end, and sees both versions', async () => {
    const [first] = (await admin.call(ListSecretVersionsRoute, { params })).items;
    const { versionId } = await admin.call(RotateSecretRoute, { params, body: {} });
    const rotation = await waitFor(
      async () => {
        const now = await admin.call(GetRotationRoute, { params: { name, versionId } });
        return now.status !== 'rotating' && now;
      },
      { what: 'the rotation to end' },
    );
    expect(rotation).toMatchObject({ name, versionId, status: 'done', automaticRotation: 'Enabled' });
    const { items } = await admin.call(ListSecretVersionsRoute, { params });
    const stages = Object.fromEntries(items.map((version) => [version.versionId, version.stages]));
    expect(stages).toEqual({ [versionId]: ['ACSCurrent'], [first?.versionId ?? '']: ['ACSPrevious'] });
    const next = await rotate(admin, name);
    const versions = async (query: { deprecated?: boolean }) =>
      (await admin.call(ListSecretVersionsRoute, { params, query })).items.map((version) => version.versionId);
    expect(await versions({})).toEqual([next, versionId]);
    expect(await versions({ deprecated: true })).toEqual([next, versionId, first?.versionId]);
  });

  it('deletes with a window, restores, and deletes at once', async () => {
    const query = { recoveryWindowDays: 7 };
    const { plannedDeleteAt } = await admin.call(DeleteSecretRoute, { params, query });
    expect(plannedDeleteAt).toBeDefined();
    const list = () => admin.call(ListSecretsRoute, { query: { keyword: name } });
    expect((await list()).items).toMatchObject([{ name, plannedDeleteAt }]);
    const rotate = admin.call(RotateSecretRoute, { params, body: {} });
    await expect(rotate).rejects.toMatchObject({ problem: { code: 'secret.deleted' } });
    await admin.call(RestoreSecretRoute, { params });
    expect((await get()).plannedDeleteAt).toBeUndefined();
    await admin.call(DeleteSecretRoute, { params, query: { force: true } });
    expect((await list()).items).toEqual([]);
    await expect(get()).rejects.toMatchObject({ problem: { status: 404, code: 'secret.not-found' } });
  });
});
