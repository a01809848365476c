import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateSecretRoute,
  DeleteSecretRoute,
  GetRotationRoute,
  GetSecretPolicyRoute,
  GetSecretRoute,
  ListSecretVersionsRoute,
  RestoreSecretRoute,
  RotateSecretRoute,
  SetRotationPolicyRoute,
  SetSecretPolicyRoute,
  SetSecretTagsRoute,
  UpdateSecretRoute,
} from '@sallyport/contracts';
import { tempDir, waitFor, type RestClient } from '@sallyport/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newKey } from './support/kms.js';
import { regionId } from './support/real-host.js';
import { emulator, signInAs } from './support/sallyport.js';

const run = randomBytes(4).toString('hex');
const host = { instanceId: `i-refused-${run}`, name: `refused-${run}` };
const windows = { instanceId: `i-windows-${run}`, name: `windows-${run}` };
/** A KMS instance besides the one that there is. */
const other = `kst-${run}`;
const requestId = expect.any(String) as string;

/** Whether the Cloud Assistant of the host may say that it changed the account. */
const gate = join(tempDir(), 'gate');
const assistant = { command: ['sh', '-c', 'cat >/dev/null; until [ -e "$1" ]; do sleep 0.02; done', 'sh', gate] };

describe('a server refusal reaches the secret administrator with the code of KMS and our explanation', () => {
  let admin: RestClient;
  let first: { kmsInstanceId: string; encryptionKeyId: string };
  beforeAll(async () => {
    admin = await signInAs('admin');
    first = await emulator('GET', 'state');
    const known = { address: '127.0.0.1', port: 9, regionId };
    await emulator('PUT', `instances/${host.instanceId}`, { name: host.name, ...known, assistant });
    await emulator('PUT', `instances/${windows.instanceId}`, { name: windows.name, ...known, osType: 'windows' });
    await emulator('PUT', `kms-instances/${other}`, { state: 'Available' });
  });
  afterEach(() => emulator('DELETE', 'faults'));
  afterAll(async () => {
    if (!existsSync(gate)) writeFileSync(gate, '');
    for (const { instanceId } of [host, windows]) await emulator('DELETE', `instances/${instanceId}`);
  });

  let made = 0;
  const wanted = (change: object = {}) => ({
    name: `acs/ecs/refused-${run}-${++made}`,
    ...{ instanceId: host.instanceId, regionId, kind: 'password', userName: `user-${made}`, password: 'Secret-1' },
    ...change,
  });
  const create = async (change: object = {}) => {
    const { name } = await admin.call(CreateSecretRoute, { body: wanted(change) as never });
    return { name };
  };
  const attempt = (change: object) => admin.raw('POST', '/v1/kms/secrets', wanted(change));

  const calls = (name: string): [string, () => Promise<unknown>][] => {
    const params = { name };
    return [
      ['get', () => admin.call(GetSecretRoute, { params })],
      ['update', () => admin.call(UpdateSecretRoute, { params, body: { description: 'x' } })],
      ['tags', () => admin.call(SetSecretTagsRoute, { params, body: { tags: [{ key: 'a', value: 'b' }] } })],
      ['rotation policy', () => admin.call(SetRotationPolicyRoute, { params, body: { enabled: false } })],
      ['rotate', () => admin.call(RotateSecretRoute, { params, body: {} })],
      ['rotation', () => admin.call(GetRotationRoute, { params: { name, versionId: 'v' } })],
      ['versions', () => admin.call(ListSecretVersionsRoute, { params })],
      ['policy', () => admin.call(GetSecretPolicyRoute, { params })],
      ['set policy', () => admin.call(SetSecretPolicyRoute, { params, body: { access: { users: ['user/ann'] } } })],
      ['delete', () => admin.call(DeleteSecretRoute, { params, query: {} })],
    ];
  };

  it.each<[string, () => object | Promise<object>, number, string, string, RegExp]>([
    [
      'a key that there is none',
      () => ({ encryptionKeyId: 'key-none' }),
      ...([502, 'kms.key-unavailable', 'Forbidden.KeyNotFound', /encryption key/] as const),
    ],
    [
      'a KMS instance that there is none',
      () => ({ kmsInstanceId: 'kst-none' }),
      ...([422, 'secret.rejected', 'Forbidden.ResourceNotFound', /such as its KMS instance/] as const),
    ],
    [
      'a key pair for an instance of Windows',
      () => ({ instanceId: windows.instanceId, kind: 'ssh-key', password: undefined, generate: true }),
      ...([422, 'secret.rejected', 'InvalidParameter', /a Windows instance takes a Password alone/] as const),
    ],
    [
      'a key in a KMS instance that has expired',
      async () => {
        const encryptionKeyId = await newKey({ DKMSInstanceId: other });
        await emulator('PUT', `kms-instances/${other}`, { state: 'Expired' });
        return { encryptionKeyId };
      },
      ...([502, 'kms.key-unavailable', 'Rejected.Unavailable', /KMS instance has expired/] as const),
    ],
  ])('for %s', async (_, change, status, code, kmsCode, words) => {
    const answer = await attempt(await change());
    await emulator('PUT', `kms-instances/${other}`, { state: 'Available' });
    expect(answer).toMatchObject({ status, json: { code, cloud: { code: kmsCode, requestId } } });
    expect((answer.json as { detail: string }).detail).toMatch(words);
  });

  it('and a key that is not symmetric, or of another KMS instance, is refused before anything is sent', async () => {
    const asymmetric = await newKey({ KeySpec: 'RSA_2048', DKMSInstanceId: first.kmsInstanceId });
    const foreign = await newKey({ DKMSInstanceId: other });
    const before = await emulator<{ calls: Record<string, number> }>('GET', 'calls');
    for (const [change, rule] of [
      [{ encryptionKeyId: asymmetric }, /a symmetric key for encryption, enabled; it is RSA_2048/],
      [
        { encryptionKeyId: foreign, kmsInstanceId: first.kmsInstanceId },
        /a key of the KMS instance kst-.*it is in kst-/,
      ],
    ] as const) {
      const { status, json } = await attempt(change);
      expect({ status, json }).toMatchObject({ status: 400, json: { code: 'request.invalid' } });
      expect((json as { detail: string }).detail).toMatch(rule);
    }
    const after = await emulator<{ calls: Record<string, number> }>('GET', 'calls');
    expect(after.calls['CreateSecret']).toBe(before.calls['CreateSecret']);
    const { name } = await create({ encryptionKeyId: foreign });
    expect(await admin.call(GetSecretRoute, { params: { name } })).toMatchObject({ kmsInstanceId: other });
  });

  it('when the KMS instance is full', async () => {
    await emulator('PUT', 'rules', { secretsPerInstance: 1 });
    const answer = await attempt({}).finally(() => emulator('PUT', 'rules', { secretsPerInstance: 1_000 }));
    const cloud = { code: 'Rejected.LimitExceeded', requestId };
    expect(answer).toMatchObject({ status: 422, json: { code: 'secret.rejected', cloud } });
    expect((answer.json as { detail: string }).detail).toContain('a quota of 1 secrets');
  });

  it.each<[string, object, object, string, RegExp]>([
    [
      'a shorter rotation than some pages of KMS have',
      ...([{ minRotationSeconds: 21_600 }, { rotation: { intervalSeconds: 3_600 } }] as const),
      ...(['InvalidParameter', /RotationInterval/] as const),
    ],
    [
      'no key where KMS wants one',
      ...([{ requireEncryptionKey: true }, {}, 'MissingParameter', /EncryptionKeyId is mandatory/] as const),
    ],
  ])('when KMS does not take %s, with its reason', async (_, rules, change, kmsCode, words) => {
    const { rules: before } = await emulator<{ rules: object }>('GET', 'state');
    await emulator('PUT', 'rules', rules);
    const answer = await attempt(change).finally(() => emulator('PUT', 'rules', before));
    expect(answer).toMatchObject({
      status: 422,
      json: { code: 'secret.rejected', cloud: { code: kmsCode, requestId } },
    });
    expect((answer.json as { detail: string }).detail).toMatch(words);
  });

  it('and no change of a secret that is no ECS secret is even asked for', async () => {
    for (const [what, call] of calls('plain').filter(
      ([one]) => !['get', 'rotation', 'versions', 'policy'].includes(one),
    ))
      await expect(call(), what).rejects.toMatchObject({ problem: { status: 400, code: 'request.invalid' } });
  });

  it.each([
    ['429', 503, 'kms.throttled', 'Rejected.Throttling'],
    ['500', 502, 'kms.failed', 'InternalFailure'],
    ['denied', 502, 'kms.denied', 'Forbidden.NoPermission'],
    ['clock-skew', 502, 'kms.clock-skew', 'InvalidTimeStamp.Expired'],
    ['bad-signature', 502, 'kms.credentials-rejected', 'SignatureDoesNotMatch'],
  ])('when KMS answers with %s, and creates nothing', async (kind, status, code, kmsCode) => {
    await emulator('PUT', 'faults', { kind, operation: 'CreateSecret', rate: 1 });
    const body = wanted();
    const answer = await admin.raw('POST', '/v1/kms/secrets', body);
    expect(answer).toMatchObject({ status, json: { code, cloud: { code: kmsCode } } });
    expect(answer.text).not.toContain(body.password);
    const get = admin.call(GetSecretRoute, { params: { name: body.name } });
    await expect(get).rejects.toMatchObject({ problem: { code: 'secret.not-found' } });
  });

  it('for each call on a secret that there is none', async () => {
    const cloud = { code: 'Forbidden.ResourceNotFound', requestId };
    const refusal = { problem: { status: 404, code: 'secret.not-found', cloud } };
    const params = { name: `acs/ecs/none-${run}` };
    const restore = () => admin.call(RestoreSecretRoute, { params });
    for (const [what, call] of [...calls(params.name), ['restore', restore] as const])
      await expect(call(), what).rejects.toMatchObject(refusal);
  });

  it('for each change of a secret in its deletion window, and for a new one of its name', async () => {
    const params = await create();
    const notDeleted = { status: 409, code: 'secret.not-deleted', cloud: { code: 'Rejected.ResourceInUse' } };
    const restore = admin.call(RestoreSecretRoute, { params });
    await expect(restore).rejects.toMatchObject({ problem: notDeleted });
    await admin.call(DeleteSecretRoute, { params, query: {} });
    const { plannedDeleteAt, updatedAt } = await admin.call(GetSecretRoute, { params });
    const days = (Date.parse(plannedDeleteAt ?? '') - Date.parse(updatedAt ?? '')) / 86_400_000;
    expect(Math.round(days)).toBe(30);
    const cloud = { code: 'Rejected.ResourceInDeleteWindow', requestId };
    // What is looked at is answered; whether KMS takes tags in the window is on no page.
    const refused = calls(params.name).filter(([what]) => !['get', 'policy', 'tags'].includes(what));
    for (const [what, call] of refused)
      await expect(call(), what).rejects.toMatchObject({ problem: { status: 409, code: 'secret.deleted', cloud } });
    const again = await admin.raw('POST', '/v1/kms/secrets', wanted(params));
    expect(again).toMatchObject({ status: 409, json: { code: 'secret.exists', cloud } });
    await admin.call(RestoreSecretRoute, { params });
    expect(await admin.call(GetSecretRoute, { params })).not.toHaveProperty('plannedDeleteAt');
  });

  it.each(['recoveryWindowDays=6', 'recoveryWindowDays=31', 'force=true&recoveryWindowDays=7', 'force=yes'])(
    'before KMS is asked for a deletion with %s',
    async (query) => {
      const params = await create();
      const { status, json } = await admin.raw('DELETE', `/v1/kms/secrets/${encodeURIComponent(params.name)}?${query}`);
      expect({ status, json }).toMatchObject({ status: 400, json: { code: 'request.invalid' } });
      expect(await admin.call(GetSecretRoute, { params })).not.toHaveProperty('plannedDeleteAt');
    },
  );

  it('while a rotation is under way, which the same request again does not start twice', async () => {
    const params = await create();
    const versionId = `mine-${run}`;
    const rotate = () => admin.call(RotateSecretRoute, { params, body: { versionId } });
    expect(await rotate()).toEqual({ ...params, versionId });
    expect(await rotate()).toEqual({ ...params, versionId });
    const follow = () => admin.call(GetRotationRoute, { params: { ...params, versionId } });
    expect(await follow()).toMatchObject({ status: 'rotating' });
    const refusal = { status: 409, code: 'secret.rotating', cloud: { code: 'Rejected.ResourceInUse', requestId } };
    for (const call of [
      () => admin.call(RotateSecretRoute, { params, body: {} }),
      () => admin.call(SetRotationPolicyRoute, { params, body: { enabled: true, intervalSeconds: 7_200 } }),
    ])
      await expect(call()).rejects.toMatchObject({ problem: refusal });
    writeFileSync(gate, '');
    await waitFor(async () => (await follow()).status === 'done', { what: 'the rotation to end' });
    expect(await rotate()).toEqual({ ...params, versionId });
    const { items } = await admin.call(ListSecretVersionsRoute, { params, query: { deprecated: true } });
    expect(items).toMatchObject([{ versionId, stages: ['ACSCurrent'] }, { stages: ['ACSPrevious'] }]);
  });

  it('after a rotation that failed, which the next one that succeeds puts right', async () => {
    const params = await create({ rotation: { intervalSeconds: 86_400 } });
    const end = async (): Promise<object> => {
      const { versionId } = await admin.call(RotateSecretRoute, { params, body: {} });
      const now = () => admin.call(GetRotationRoute, { params: { ...params, versionId } });
      const ended = async () => {
        const rotation = await now();
        return rotation.status !== 'rotating' && rotation;
      };
      return waitFor(ended, { what: 'the rotation to end' });
    };
    await emulator('PUT', 'rotation', { fail: 'before' });
    const failed = await end().finally(() => emulator('PUT', 'rotation', { fail: null }));
    expect(failed).toMatchObject({ status: 'failed', automaticRotation: 'Invalid' });
    expect(await end()).toMatchObject({ status: 'done' });
    const isOver = async () => (await admin.call(GetSecretRoute, { params })).automaticRotation === 'Enabled';
    await waitFor(isOver, { what: 'automatic rotation to go on' });
  });
});
