import { randomUUID } from 'node:crypto';
import { UserId } from '@sallyport/contracts';
import type { KmsKey } from '@sallyport/contracts';
import { RecordingAuditPublisher } from '@sallyport/messaging/testing';
import { seal, SealingKey } from '@sallyport/sealing';
import { PrivateKey } from '@sallyport/ssh-keys';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { newSecret, newSecretData } from '../credential/conversation.suite.js';
import { parseSecretData } from '../credential/secret-data.js';
import { FakeKms } from '../kms/kms.fake.js';
import { fakeAccount } from '../kms/stored-secret.fake.js';
import { CheckEncryptionKey } from './check-encryption-key.js';
import type { CreateSecretRequest } from './create-secret.js';
import { CreateSecret } from './create-secret.js';
import { FindSameAccount } from './find-same-account.js';
import { GenerateValue } from './generate-value.js';
import { RecordedChanges } from './recorded-change.js';
import type { SecretIndex } from './secret-index.js';
import { newIndex } from './secret-index.suite.js';

const actorId = UserId.parse(randomUUID());
const address = { regionId: 'cn-hangzhou', name: 'acs/ecs/web' };
const key: KmsKey = {
  keyId: 'key-1',
  arn: `acs:kms:cn-hangzhou:${fakeAccount}:key/key-1`,
  kmsInstanceId: 'kst-1',
  keySpec: 'Aliyun_AES_256',
  keyUsage: 'ENCRYPT/DECRYPT',
  state: 'Enabled',
  encryptsSecrets: true,
};
const asymmetric: KmsKey = { ...key, keyId: 'key-rsa', keySpec: 'RSA_2048', encryptsSecrets: false };
const disabled: KmsKey = { ...key, keyId: 'key-off', state: 'Disabled', encryptsSecrets: false };

describe('CreateSecret', () => {
  let kms: FakeKms;
  let audit: RecordingAuditPublisher;
  let sealingKey: SealingKey;
  let index: SecretIndex;
  let create: CreateSecret;

  beforeEach(async () => {
    kms = new FakeKms();
    kms.keys.push(key, asymmetric, disabled, { ...key, keyId: 'key-of-none', kmsInstanceId: undefined });
    audit = new RecordingAuditPublisher();
    sealingKey = await SealingKey.generate();
    index = newIndex(kms);
    const changes = new RecordedChanges(audit, index);
    const sameAccount = new FindSameAccount(kms, index);
    const parts = [new CheckEncryptionKey(kms), new GenerateValue(kms), sameAccount] as const;
    create = new CreateSecret(kms, kms, sealingKey, changes, ...parts);
  });

  const generated: CreateSecretRequest = {
    ...address,
    instanceId: 'i-1',
    kind: 'password',
    generate: { userName: 'root' },
  };
  const given = async (name: string, userName = 'root', instanceId = 'i-1'): Promise<CreateSecretRequest> => {
    const value = await seal(sealingKey.publicKey, Buffer.from(newSecretData('password', userName)), name);
    return { name, regionId: address.regionId, instanceId, kind: 'password', value };
  };

  it('overwrites the value that it opened, whether or not that fits', async () => {
    const opened: Buffer[] = [];
    const open = sealingKey.open.bind(sealingKey);
    sealingKey.open = async (...box) => {
      const bytes = await open(...box);
      opened.push(bytes);
      return bytes;
    };
    await create.run(actorId, await given('acs/ecs/fits'));
    const value = await seal(sealingKey.publicKey, Buffer.alloc(30_721, 'x'), 'acs/ecs/large');
    const large = create.run(actorId, { ...(await given('acs/ecs/large')), value });
    await expect(large).rejects.toMatchObject({ code: 'request.invalid' });
    expect(opened.map((bytes) => bytes.every((byte) => byte === 0))).toEqual([true, true]);
  });

  it('keeps no key that it made, or looked at', async () => {
    const parsed = vi.spyOn(PrivateKey, 'parse');
    await create.run(actorId, { ...generated, kind: 'ssh-key' });
    const keys = parsed.mock.results.map(({ value }) => value as PrivateKey);
    expect(keys).toHaveLength(2);
    for (const one of keys) expect(() => one.sign('rsa-sha2-512', Buffer.alloc(1))).toThrow('wiped');
  });

  it.each(['password', 'ssh-key'] as const)('has a %s made that nobody sees, and says to rotate it', async (kind) => {
    const created = await create.run(actorId, { ...generated, kind });
    expect(created.warnings).toMatchObject([{ code: 'value-not-on-instance' }]);
    const { data } = await kms.readValue(address, 'ACSCurrent');
    const credential = parseSecretData(data, kind);
    expect(credential.userName).toBe('root');
    if (credential.kind === 'password') expect(credential.password).toHaveLength(32);
    const members = JSON.parse(data.expose()) as Record<string, string>;
    const secret = members['Password'] ?? members['PrivateKey']?.split('\n')[1] ?? '';
    expect(secret.length).toBeGreaterThan(20);
    expect(JSON.stringify([created, audit.events])).not.toContain(secret);
  });

  it('takes the KMS instance of the key, and refuses a key that cannot protect the secret', async () => {
    await create.run(actorId, { ...generated, encryptionKeyId: 'key-1' });
    expect(await kms.describe(address)).toMatchObject({ encryptionKeyId: 'key-1', kmsInstanceId: 'kst-1' });
    for (const [change, rule] of [
      [{ encryptionKeyId: 'key-rsa' }, 'a symmetric key for encryption, enabled; it is RSA_2048'],
      [
        { encryptionKeyId: 'key-off' },
        'a symmetric key for encryption, enabled; it is Aliyun_AES_256, ENCRYPT/DECRYPT, Disabled',
      ],
      [{ encryptionKeyId: 'key-1', kmsInstanceId: 'kst-2' }, 'a key of the KMS instance kst-2; it is in kst-1'],
      [{ encryptionKeyId: 'key-of-none', kmsInstanceId: 'kst-1' }, 'a key of the KMS instance kst-1; it is in none'],
    ] as const) {
      const refused = create.run(actorId, { ...generated, name: 'acs/ecs/other', ...change });
      await expect(refused).rejects.toMatchObject({ code: 'request.invalid' });
      await expect(refused).rejects.toThrow(rule);
    }
    const none = create.run(actorId, { ...generated, name: 'acs/ecs/other', encryptionKeyId: 'key-none' });
    await expect(none).rejects.toMatchObject({ code: 'kms.key-unavailable', kmsCode: 'Forbidden.KeyNotFound' });
    expect(kms.calls.filter((call) => call === 'CreateSecret')).toHaveLength(1);
  });

  it('builds the policy of people; names of the own account may be short once the key tells the account', async () => {
    const access = {
      administrators: ['user/ann'],
      users: [],
      crossAccountUsers: ['acs:ram::2000000000000002:user/eve'],
    };
    await expect(create.run(actorId, { ...generated, access })).rejects.toMatchObject({ code: 'request.invalid' });
    await create.run(actorId, { ...generated, access, encryptionKeyId: 'key-1' });
    expect(JSON.parse(await kms.readPolicy(address))).toMatchObject({
      Statement: [
        { Principal: { RAM: [`acs:ram::${fakeAccount}:user/ann`] } },
        { Principal: { RAM: ['acs:ram::2000000000000002:user/eve'] } },
      ],
    });
  });

  it('puts on record all that it was made with, but the value', async () => {
    const face = { description: 'web', tags: [{ key: 'env', value: 'prod' }], customData: { ticket: 'T-1' } };
    const request = { ...(await given(address.name)), ...face, policy, encryptionKeyId: 'key-1' };
    await create.run(actorId, { ...request, rotation: { intervalSeconds: 7_200 } });
    const { data, versionId } = await kms.readValue(address, 'ACSCurrent');
    expect(audit.named('secret.created')).toEqual([
      {
        ...{
          actorId,
          secretName: address.name,
          regionId: address.regionId,
          kmsRequestId: expect.stringMatching(/^request-/) as string,
        },
        ...{ instanceId: 'i-1', kind: 'password', userName: 'root', secretVersionId: versionId },
        ...{ encryptionKeyId: 'key-1', kmsInstanceId: 'kst-1', rotationIntervalSeconds: 7_200, after: face, policy },
      },
    ]);
    expect(await kms.readPolicy(address)).toBe(policy);
    expect(JSON.stringify(audit.events)).not.toContain(data.expose().slice(30, 50));
  });

  it.each([
    ['a value and one to be made', async () => ({ ...(await given(address.name)), generate: { userName: 'root' } })],
    ['neither', () => Promise.resolve({ ...generated, generate: undefined })],
    ['two policies', () => Promise.resolve({ ...generated, policy, access })],
    ['a policy with a mistake', () => Promise.resolve({ ...generated, policy: '{"Version":"2","Statement":[]}' })],
    ['11 pairs of custom data', () => Promise.resolve({ ...generated, customData: pairs(11) })],
  ])('refuses %s, and creates nothing', async (_, make) => {
    await expect(create.run(actorId, await make())).rejects.toMatchObject({ code: 'request.invalid' });
    expect(kms.calls).not.toContain('CreateSecret');
  });

  it('warns of another secret that manages the same account of the instance, and of no other', async () => {
    await create.run(actorId, await given('acs/ecs/first'));
    await create.run(actorId, await given('acs/ecs/other-user', 'deploy'));
    await create.run(actorId, await given('acs/ecs/other-instance', 'root', 'i-2'));
    const { warnings } = await create.run(actorId, await given('acs/ecs/second'));
    expect(warnings).toMatchObject([{ code: 'same-account', secretName: 'acs/ecs/first' }]);
    expect((await create.run(actorId, await given('acs/ecs/third', 'nobody'))).warnings).toBeUndefined();
  });

  it('warns at least one of two who make secrets for the same account at the same time, also when the list is fresh', async () => {
    await index.all(address.regionId);
    const both = await Promise.all(['acs/ecs/one', 'acs/ecs/two'].map(async (name) => given(name)));
    const made = await Promise.all(both.map((request) => create.run(actorId, request)));
    expect(made.flatMap(({ warnings = [] }) => warnings.map(({ code }) => code))).toContain('same-account');
  });

  it('sees the secret that was made a moment ago past this broker', async () => {
    await index.all(address.regionId);
    await kms.create(newSecret('password', { name: 'acs/ecs/elsewhere' }));
    const { warnings } = await create.run(actorId, await given(address.name));
    expect(warnings).toMatchObject([{ code: 'same-account', secretName: 'acs/ecs/elsewhere' }]);
  });

  it('says so when the instance has more secrets than it looks into', async () => {
    for (let n = 0; n < 21; n++) await create.run(actorId, await given(`acs/ecs/other-${n}`, `user-${n}`));
    kms.calls.length = 0;
    const { warnings } = await create.run(actorId, await given('acs/ecs/one-more', 'nobody'));
    expect(kms.calls.filter((call) => call === 'GetSecretValue')).toHaveLength(20);
    expect(warnings).toMatchObject([
      { code: 'not-compared', message: expect.stringContaining('more than 20 other secrets') as string },
    ]);
  });

  it('creates the secret although KMS does not let it compare, and says so', async () => {
    const request = await given(address.name);
    const list = kms.list.bind(kms);
    kms.list = (...args) => {
      kms.failNext({ kmsCode: 'Forbidden.NoPermission', answered: true, httpStatus: 403 });
      return list(...args);
    };
    const { warnings } = await create.run(actorId, request);
    expect(warnings).toMatchObject([
      { code: 'not-compared', message: expect.stringContaining('kms.denied') as string },
    ]);
    expect(audit.named('secret.created')).toHaveLength(1);
  });
});

const access = { administrators: ['acs:ram::1000000000000001:user/ann'], users: [], crossAccountUsers: [] };
const policy = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Deny', Principal: { RAM: ['acs:ram::1:*'] }, Action: ['kms:*'], Resource: ['*'] }],
});
const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 'v']));
