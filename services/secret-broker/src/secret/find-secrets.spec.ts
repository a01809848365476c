import { expect, it } from 'vitest';
import { newSecret } from '../credential/conversation.suite.js';
import { FakeKms } from '../kms/kms.fake.js';
import { FindSecrets } from './find-secrets.js';
import { newIndex } from './secret-index.suite.js';
import { ShowSecretStates } from './show-secret-states.js';

// Each takes six bytes in JSON.
const description = '\u0001'.repeat(8_192);

it('ends a page before it is too large for a message of NATS, and the next one goes on from there', async () => {
  const kms = new FakeKms();
  const names = Array.from({ length: 40 }, (_, at) => `acs/ecs/${String(at).padStart(2, '0')}`);
  for (const name of names) await kms.create(newSecret('password', { name, description }));
  const index = newIndex(kms);
  const find = new FindSecrets(kms, index, new ShowSecretStates(kms, index));
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await find.page('cn-hangzhou', { limit: 200, cursor });
    expect(JSON.stringify(page).length).toBeLessThan(1_000_000);
    found.push(...page.items.map(({ name }) => name));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(found).toEqual(names);
});

it('tells who imports nothing of what people wrote, which would not fit into one message', async () => {
  const kms = new FakeKms();
  const names = Array.from({ length: 30 }, (_, at) => `acs/ecs/${String(at).padStart(2, '0')}`);
  for (const name of names) await kms.create(newSecret('password', { name, description, customData: { a: 'b' } }));
  const index = newIndex(kms);
  const find = new FindSecrets(kms, index, new ShowSecretStates(kms, index));
  const { items } = await find.importable('cn-hangzhou', { keyword: '\u0001' });
  expect(items.map(({ name }) => name)).toEqual(names);
  expect(JSON.stringify(items)).not.toMatch(/description|customData/);
});
