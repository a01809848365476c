import { expect, it } from 'vitest';
import { FakeClock } from '../clock.fake.js';
import { newSecret } from '../credential/conversation.suite.js';
import { FakeKms } from '../kms/kms.fake.js';
import { newIndex } from './secret-index.suite.js';

it('shows a planned deletion and tags as the list has them, and describes anew what the list shows as to be deleted', async () => {
  const clock = new FakeClock();
  const kms = new FakeKms(() => clock.now());
  const secret = newSecret('password', { tags: [{ key: 'env', value: 'test' }] });
  await kms.create(secret);
  clock.pass(60_000);
  const index = newIndex(kms, clock);
  await index.all(secret.regionId);
  clock.pass(60_000);
  kms.calls.length = 0;
  const news = { plannedDeleteAt: '2026-12-24T00:00:00.000Z', tags: [{ key: 'env', value: 'prod' }] };
  const list = kms.list.bind(kms);
  kms.list = async (...args) => {
    const { items, totalCount } = await list(...args);
    return { items: items.map((item) => ({ ...item, ...news })), totalCount };
  };
  expect((await index.all(secret.regionId)).items).toMatchObject([news]);
  expect(kms.calls).toEqual(['ListSecrets', 'DescribeSecret']);
});
