import { randomUUID } from 'node:crypto';
import { UserId } from '@sallyport/contracts';
import { RecordingAuditPublisher } from '@sallyport/messaging/testing';
import { seal, SealingKey } from '@sallyport/sealing';
import { beforeEach, describe, expect, it } from 'vitest';
import { newSecretData } from '../credential/conversation.suite.js';
import { toKmsError } from '../kms/kms-error.js';
import { FairGate } from '../kms/fair-gate.js';
import { FakeKms } from '../kms/kms.fake.js';
import { SystemClock } from '../clock.js';
import { ChangeSecret } from './change-secret.js';
import type { CreateSecretRequest } from './create-secret.js';
import { CreateSecret } from './create-secret.js';
import { CheckEncryptionKey } from './check-encryption-key.js';
import { FindSameAccount } from './find-same-account.js';
import type { Search } from './find-secrets.js';
import { FindSecrets } from './find-secrets.js';
import { GenerateValue } from './generate-value.js';
import { RecordedChanges } from './recorded-change.js';
import { SecretIndex } from './secret-index.js';
import { newIndex } from './secret-index.suite.js';
import { ShowSecretStates } from './show-secret-states.js';

const actorId = UserId.parse(randomUUID());
const regionId = 'cn-hangzhou';
const denied = { kmsCode: 'Forbidden.NoPermission', answered: true, httpStatus: 403 };

describe('administration of secrets', () => {
  let kms: FakeKms;
  let audit: RecordingAuditPublisher;
  let key: SealingKey;
  let create: CreateSecret;
  let change: ChangeSecret;
  let find: FindSecrets;
  let sameAccount: FindSameAccount;
  let data: string;
  let request: CreateSecretRequest;

  beforeEach(async () => {
    kms = new FakeKms();
    audit = new RecordingAuditPublisher();
    key = await SealingKey.generate();
    const index = newIndex(kms);
    const changes = new RecordedChanges(audit, index);
    find = new FindSecrets(kms, index, new ShowSecretStates(kms, index));
    sameAccount = new FindSameAccount(kms, index);
    create = new CreateSecret(
      ...([kms, kms, key, changes] as const),
      new CheckEncryptionKey(kms),
      new GenerateValue(kms),
      sameAccount,
    );
    change = new ChangeSecret(kms, kms, changes, new SystemClock());
    data = newSecretData('password');
    request = await requestFor('acs/ecs/web', data);
  });

  const requestFor = async (name: string, text: string): Promise<CreateSecretRequest> => {
    const value = await seal(key.publicKey, Buffer.from(text), name);
    return { name, regionId, instanceId: 'i-1', kind: 'password', value };
  };
  const address = { name: 'acs/ecs/web', regionId };
  const events = (): string[] => audit.events.map((event) => event.name);

  it('creates a secret, on record before and after, and gives no value back', async () => {
    const created = await create.run(actorId, { ...request, rotation: { intervalSeconds: 7_200 } });
    expect(created).toMatchObject({ ...address, kind: 'password', instanceId: 'i-1', rotationIntervalSeconds: 7_200 });
    expect((await kms.readValue(address, 'ACSCurrent')).data.expose()).toBe(data);
    expect(events()).toEqual(['secret.change-requested', 'secret.created']);
    const facts = { actorId, secretName: address.name, kmsRequestId: 'request-1', rotationIntervalSeconds: 7_200 };
    expect(audit.named('secret.created')).toEqual([expect.objectContaining(facts)]);
    expect(JSON.stringify([created, audit.events])).not.toContain(data.slice(30, 50));
  });

  it('does nothing that cannot be put on record first', async () => {
    audit.fail();
    await expect(create.run(actorId, request)).rejects.toMatchObject({ code: 'audit.unavailable' });
    await expect(change.rotate(actorId, address)).rejects.toMatchObject({ code: 'audit.unavailable' });
    expect(kms.calls).toEqual([]);
  });

  it.each<[string, () => Promise<CreateSecretRequest>, string]>([
    ['a name with a bad character', () => requestFor('acs/ecs/a b', data), 'request.invalid'],
    ['a value of 30,721 bytes', () => requestFor('acs/ecs/web', data.padEnd(30_721)), 'request.invalid'],
    ['B7: a malformed value', () => requestFor('acs/ecs/web', '{"UserName":"root"}'), 'secret.malformed'],
    [
      'a value of another kind',
      async () => ({ ...(await requestFor('acs/ecs/web', data)), kind: 'ssh-key' }),
      'secret.malformed',
    ],
    [
      'a value sealed for another name',
      async () => ({ ...(await requestFor('acs/ecs/web', data)), name: 'acs/ecs/db' }),
      'request.invalid',
    ],
    [
      'a rotation of 59 minutes',
      () => Promise.resolve({ ...request, rotation: { intervalSeconds: 3_540 } }),
      'request.invalid',
    ],
  ])('refuses %s, sends nothing, and puts that on record', async (_, make, code) => {
    await expect(create.run(actorId, await make())).rejects.toMatchObject({ code });
    expect(kms.calls).toEqual([]);
    expect(audit.named('secret.change-refused')).toMatchObject([{ actorId, operation: 'create', code }]);
    expect(JSON.stringify(audit.events)).not.toContain(data.slice(30, 50));
  });

  it('puts on record that KMS refused, with its code and request id', async () => {
    await create.run(actorId, request);
    await expect(create.run(actorId, request)).rejects.toMatchObject({ code: 'secret.exists' });
    const kmsFacts = { kmsCode: 'Rejected.ResourceExist', kmsRequestId: 'request-refused' };
    expect(audit.named('secret.change-refused')).toMatchObject([{ ...kmsFacts, code: 'secret.exists' }]);
  });

  it('says so when KMS did it and the end of it could not be recorded', async () => {
    await create.run(actorId, request);
    const rotate = kms.rotate.bind(kms);
    kms.rotate = (...args) => {
      audit.fail();
      return rotate(...args);
    };
    await expect(change.rotate(actorId, address, 'v2')).rejects.toThrow(/KMS did this .* do not repeat it/);
  });

  it('deletes, restores, rotates and sets the rotation, each on record', async () => {
    await create.run(actorId, request);
    expect(await change.delete(actorId, address, { force: false, recoveryWindowDays: 7 })).toMatchObject({
      plannedDeleteAt: expect.any(String) as string,
    });
    await change.restore(actorId, address);
    expect(await change.rotate(actorId, address)).toMatchObject({ versionId: expect.stringMatching(/./) as string });
    const rotation = { enabled: true, intervalSeconds: 7_200 };
    expect(await change.setRotation(actorId, address, rotation)).toMatchObject({ rotationIntervalSeconds: 7_200 });
    await change.setRotation(actorId, address, { enabled: false });
    await change.delete(actorId, address, { force: true });
    expect(events().filter((name) => name !== 'secret.change-requested')).toEqual([
      'secret.created',
      'secret.deleted',
      'secret.restored',
      'secret.rotation-requested',
      'secret.rotation-policy-changed',
      'secret.rotation-policy-changed',
      'secret.deleted',
    ]);
    const before = { instanceId: 'i-1', kind: 'password', customData: {}, tags: [] };
    expect(audit.named('secret.deleted')).toMatchObject([
      { before, force: false, plannedDeleteAt: expect.any(String) as string },
      { before, force: true },
    ]);
    const [{ plannedDeleteAt } = {}] = audit.named('secret.deleted');
    expect(audit.named('secret.restored')).toMatchObject([{ before: { plannedDeleteAt } }]);
    expect(audit.named('secret.rotation-policy-changed')).toMatchObject([
      { before: { automaticRotation: 'Disabled' }, enabled: true, rotationIntervalSeconds: 7_200 },
      { before: { automaticRotation: 'Enabled', rotationIntervalSeconds: 7_200 }, enabled: false },
    ]);
  });

  it('changes ECS secrets alone, whatever its identity in the cloud may do', async () => {
    for (const name of ['plain', 'acs/rds/x', 'acs/ecs/', 'acs:kms:cn-hangzhou:1:secret/plain']) {
      const other = { ...address, name };
      for (const [operation, changed] of [
        ['delete', () => change.delete(actorId, other, { force: true })],
        ['restore', () => change.restore(actorId, other)],
        ['rotate', () => change.rotate(actorId, other)],
        ['set-rotation-policy', () => change.setRotation(actorId, other, { enabled: false })],
      ] as const)
        await expect(changed(), `${operation} ${name}`).rejects.toMatchObject({ code: 'request.invalid' });
    }
    expect(kms.calls).toEqual([]);
    expect(audit.named('secret.change-refused')).toHaveLength(16);
    const foreign = { ...address, name: 'acs:kms:cn-hangzhou:1:secret/acs/ecs/web' };
    await expect(change.rotate(actorId, foreign)).rejects.toMatchObject({ code: 'secret.not-found' });
  });

  it('deletes and restores what KMS does not let it look at', async () => {
    await create.run(actorId, request);
    kms.describe = () => Promise.reject(toKmsError('DescribeSecret', denied));
    await change.delete(actorId, address, { force: false });
    expect(await change.restore(actorId, address)).toMatchObject(address);
    expect(audit.named('secret.deleted').map(({ before }) => before)).toEqual([undefined]);
    expect(audit.named('secret.restored')).toHaveLength(1);
    const update = change.setRotation(actorId, address, { enabled: false });
    await expect(update).rejects.toMatchObject({ code: 'kms.denied' });
  });

  it('refuses a window together with force, and a rotation out of range', async () => {
    const both = change.delete(actorId, address, { force: true, recoveryWindowDays: 7 });
    await expect(both).rejects.toMatchObject({ code: 'request.invalid' });
    for (const intervalSeconds of [undefined, 59 * 60, 366 * 86_400]) {
      const set = change.setRotation(actorId, address, { enabled: true, intervalSeconds });
      await expect(set).rejects.toMatchObject({ code: 'request.invalid' });
    }
    expect(kms.calls).toEqual([]);
  });

  it('lists by name, page after page, and by a part of the name', async () => {
    const names = ['c', 'a', 'B', 'd', 'e'].map((last) => `acs/ecs/${last}`);
    for (const name of names) await create.run(actorId, await requestFor(name, data));
    const first = await find.page(regionId, { limit: 2 });
    const second = await find.page(regionId, { limit: 2, cursor: first.nextCursor });
    const third = await find.page(regionId, { limit: 2, cursor: second.nextCursor });
    const found = [first, second, third].flatMap(({ items }) => items.map(({ name }) => name));
    expect(found).toEqual([...names].sort());
    expect(third.nextCursor).toBeUndefined();
    for (const cursor of ['', 'rubbish!!', `${first.nextCursor}=`])
      await expect(find.page(regionId, { limit: 2, cursor })).rejects.toMatchObject({ code: 'request.invalid' });
    expect((await find.page(regionId, { limit: 2, keyword: '/b' })).items).toMatchObject([{ name: 'acs/ecs/B' }]);
  });

  it('tells with a page that the region is still looked at for the first time', async () => {
    for (const last of ['a', 'b']) await create.run(actorId, await requestFor(`acs/ecs/${last}`, data));
    // Its bucket has one token at first, and the next comes after 100 s.
    const slow = new SecretIndex(kms, new FairGate({ inFlight: 8, perSecond: 0.01 }), new SystemClock());
    const early = new FindSecrets(kms, slow, new ShowSecretStates(kms, slow));
    void slow.refresh(regionId);
    await new Promise((resolve) => setImmediate(resolve));
    const page = await early.page(regionId, { limit: 10 });
    expect(page).toMatchObject({ items: [{ name: 'acs/ecs/a' }], scan: { known: 1, total: 2 } });
    expect(await find.page(regionId, { limit: 10 })).not.toHaveProperty('scan');
  });

  it('lists those of an instance, of a KMS instance, with a tag or a key of one, and those that have all of it', async () => {
    const make = async (name: string, fields: Partial<CreateSecretRequest>) =>
      create.run(actorId, { ...(await requestFor(`acs/ecs/${name}`, data)), ...fields });
    const [env, team] = [
      { key: 'env', value: 'prod' },
      { key: 'team', value: 'web' },
    ];
    await make('a', { instanceId: 'i-1', kmsInstanceId: 'kst-1', tags: [env] });
    await make('b', { instanceId: 'i-1', kmsInstanceId: 'kst-2', tags: [env, team] });
    await make('c', { instanceId: 'i-2', kmsInstanceId: 'kst-2', tags: [{ key: 'env', value: 'test' }] });
    const names = async (search: Search): Promise<string> =>
      (await find.page(regionId, { limit: 10, ...search })).items.map(({ name }) => name.slice(-1)).join('');
    for (const [search, found] of [
      [{ instanceId: 'i-1' }, 'ab'],
      [{ instanceId: 'i-' }, ''],
      [{ kmsInstanceId: 'kst-2' }, 'bc'],
      [{ kmsInstanceId: 'kst' }, ''],
      [{ tag: 'env' }, 'abc'],
      [{ tag: 'env=prod' }, 'ab'],
      [{ tag: 'env=' }, ''],
      [{ tag: 'prod' }, ''],
      [{ tag: 'env=prod', kmsInstanceId: 'kst-2', instanceId: 'i-1', keyword: 'ECS/' }, 'b'],
      [{ tag: 'team', instanceId: 'i-2' }, ''],
    ] as const)
      expect(await names(search), JSON.stringify(search)).toBe(found);
  });

  it('warns of a second secret for an account wherever one of the two is looked at, and of no other', async () => {
    const made = async (name: string, userName: string) =>
      create.run(actorId, await requestFor(name, newSecretData('password', userName)));
    const look = async () => (await sameAccount.warn(await kms.describe(address))).warnings;
    await made(address.name, 'root');
    const reads = () => kms.calls.filter((call) => call === 'GetSecretValue').length;
    const before = reads();
    expect(await look()).toBeUndefined();
    expect(reads()).toBe(before);
    await made('acs/ecs/other-user', 'deploy');
    expect(await look()).toBeUndefined();
    await made('acs/ecs/twin', 'root');
    expect(await look()).toMatchObject([{ code: 'same-account', secretName: 'acs/ecs/twin' }]);
    const twin = { regionId, name: 'acs/ecs/twin' };
    await change.delete(actorId, twin, { force: false });
    expect(await look()).toBeUndefined();
    expect((await sameAccount.warn(await change.restore(actorId, twin))).warnings).toMatchObject([
      { code: 'same-account', secretName: address.name },
    ]);
  });

  it('B8: tells for the import which instance and user a secret is for, and leaves out what is about to be deleted', async () => {
    await create.run(actorId, request);
    expect(await find.describeWithUser(address)).toMatchObject({
      instanceId: 'i-1',
      kind: 'password',
      userName: 'root',
    });
    for (const time of ['first', 'second'])
      expect((await find.importable(regionId, {})).items, time).toMatchObject([
        { instanceId: 'i-1', kind: 'password' },
      ]);
    await change.delete(actorId, address, { force: false });
    expect(await find.importable(regionId, {})).toEqual({ items: [] });
    await expect(find.describeWithUser(address)).rejects.toMatchObject({ code: 'secret.deleted' });
  });
});
