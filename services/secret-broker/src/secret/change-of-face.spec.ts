import { randomUUID } from 'node:crypto';
import { UserId } from '@sallyport/contracts';
import { RecordingAuditPublisher } from '@sallyport/messaging/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { newSecret } from '../credential/conversation.suite.js';
import { FakeKms } from '../kms/kms.fake.js';
import { fakeAccount } from '../kms/stored-secret.fake.js';
import { RecordedChanges } from './recorded-change.js';
import { newIndex } from './secret-index.suite.js';
import { SetSecretPolicy } from './set-secret-policy.js';
import { SetSecretTags } from './set-secret-tags.js';
import { UpdateSecret } from './update-secret.js';

const actorId = UserId.parse(randomUUID());

describe('what a secret tells of itself', () => {
  let kms: FakeKms;
  let audit: RecordingAuditPublisher;
  let [update, setTags, setPolicy] = [] as unknown as [UpdateSecret, SetSecretTags, SetSecretPolicy];
  const secret = newSecret('password', { description: 'first', tags: [{ key: 'env', value: 'test' }] });

  beforeEach(async () => {
    kms = new FakeKms();
    audit = new RecordingAuditPublisher();
    const index = newIndex(kms);
    const changes = new RecordedChanges(audit, index);
    update = new UpdateSecret(kms, kms, changes);
    setTags = new SetSecretTags(kms, kms, changes);
    setPolicy = new SetSecretPolicy(kms, kms, changes);
    await kms.create(secret);
    kms.calls.length = 0;
  });

  it('changes in description and custom data, with both on record, and never a value', async () => {
    const customData = { ticket: 'T-1' };
    expect(await update.run(actorId, secret, { customData })).toMatchObject({ description: 'first', customData });
    expect(await update.run(actorId, secret, { description: '' })).toMatchObject({ description: '', customData });
    const { tags } = secret;
    expect(audit.named('secret.updated')).toMatchObject([
      { actorId, before: { description: 'first', customData: {}, tags }, after: { description: 'first', customData } },
      { before: { description: 'first', customData }, after: { description: '', customData, tags } },
    ]);
    expect(JSON.stringify(audit.events)).not.toContain(secret.data.expose().slice(30, 50));
  });

  it('refuses a change that changes nothing, and custom data that KMS would not take', async () => {
    for (const wanted of [{}, { customData: { long: 'x'.repeat(800) } }])
      await expect(update.run(actorId, secret, wanted)).rejects.toMatchObject({ code: 'request.invalid' });
    expect(kms.calls).toEqual([]);
    expect(audit.named('secret.change-refused')).toHaveLength(2);
  });

  it('has the tags that were set and no others, each call to KMS on record', async () => {
    const many = Array.from({ length: 20 }, (_, at) => ({ key: `k${at}`, value: String(at) }));
    expect((await setTags.run(actorId, secret, many)).tags).toEqual(many);
    expect(kms.calls.filter((call) => call !== 'DescribeSecret')).toEqual([
      'UntagResource',
      'TagResource',
      'TagResource',
    ]);
    const lengths = audit.named('secret.updated').map(({ after }) => (after as { tags: unknown[] }).tags.length);
    expect(lengths).toEqual([0, 10, 20]);
    kms.calls.length = 0;
    await setTags.run(actorId, secret, [...many.slice(1), { key: 'k0', value: 'new' }]);
    expect(kms.calls.filter((call) => call !== 'DescribeSecret')).toEqual(['TagResource']);
    expect((await kms.describe(secret)).tags).toContainEqual({ key: 'k0', value: 'new' });
    kms.calls.length = 0;
    expect((await setTags.run(actorId, secret, many.slice(0, 1))).tags).toEqual(many.slice(0, 1));
    expect(kms.calls.filter((call) => call !== 'DescribeSecret')).toEqual([
      'UntagResource',
      'UntagResource',
      'TagResource',
    ]);
  });

  it('keeps the tags of Alibaba Cloud itself, which KMS lets nobody take away', async () => {
    const own = { key: 'acs:rm:rgId', value: 'rg-1' };
    await kms.tag(secret, [own]);
    kms.calls.length = 0;
    const tags = [{ key: 'team', value: 'web' }];
    expect((await setTags.run(actorId, secret, tags)).tags).toEqual([own, ...tags]);
    expect((await setTags.run(actorId, secret, [])).tags).toEqual([own]);
    expect(audit.named('secret.updated').at(-1)).toMatchObject({ after: { tags: [own] } });
  });

  it('keeps the record right when KMS does only the first half', async () => {
    const tag = kms.tag.bind(kms);
    kms.tag = (...args) => {
      kms.failNext({ kmsCode: 'Rejected.LimitExceeded', answered: true, httpStatus: 400 });
      return tag(...args);
    };
    const set = setTags.run(actorId, secret, [{ key: 'other', value: '' }]);
    await expect(set).rejects.toMatchObject({ code: 'secret.rejected' });
    expect(audit.named('secret.updated')).toMatchObject([{ before: { tags: secret.tags }, after: { tags: [] } }]);
    expect(audit.named('secret.change-refused')).toMatchObject([{ kmsCode: 'Rejected.LimitExceeded' }]);
  });

  it('refuses tags that break a rule, and sends nothing', async () => {
    const set = setTags.run(actorId, secret, [{ key: 'aliyun-x', value: '' }]);
    await expect(set).rejects.toMatchObject({ code: 'request.invalid' });
    expect(kms.calls).toEqual([]);
  });

  it('has a policy built from people, with the one before on record', async () => {
    const before = await kms.readPolicy(secret);
    const access = { administrators: ['user/ann'], users: ['role/bastion'], crossAccountUsers: [] };
    const { policy, access: read } = await setPolicy.run(actorId, secret, { access });
    expect(await kms.readPolicy(secret)).toBe(policy);
    const full = (name: string): string => `acs:ram::${fakeAccount}:${name}`;
    expect(read).toEqual({ administrators: [full('user/ann')], users: [full('role/bastion')], crossAccountUsers: [] });
    expect(audit.named('secret.policy-changed')).toMatchObject([{ actorId, before, after: policy }]);
  });

  it('has a policy given as JSON, and no other than a right one, in one form', async () => {
    const before = await kms.readPolicy(secret);
    const { access } = await setPolicy.run(actorId, secret, { policy: before });
    expect(access).toBeUndefined();
    kms.calls.length = 0;
    const both = { policy: before, access: { administrators: ['user/ann'], users: [], crossAccountUsers: [] } };
    for (const wanted of [{}, both, { policy: 'allow' }])
      await expect(setPolicy.run(actorId, secret, wanted)).rejects.toMatchObject({ code: 'request.invalid' });
    expect(kms.calls).toEqual([]);
  });
});
