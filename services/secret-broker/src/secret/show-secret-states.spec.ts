import { expect, it } from 'vitest';
import { FakeKms } from '../kms/kms.fake.js';
import { newIndex } from './secret-index.suite.js';
import { ShowSecretStates } from './show-secret-states.js';

it('remembers 10,000 versions, and of more forgets the oldest alone', async () => {
  const kms = new FakeKms();
  const asked: string[] = [];
  kms.listVersions = ({ name }) => {
    asked.push(name);
    return Promise.resolve([{ versionId: `of ${name}`, createdAt: '2026-01-01T00:00:00Z', stages: ['ACSCurrent'] }]);
  };
  const states = new ShowSecretStates(kms, newIndex(kms));
  const look = async (name: string) => {
    const standing = await states.withVersion('cn-hangzhou', name, { state: 'ok' });
    expect(standing).toEqual({ state: 'ok', currentVersionId: `of ${name}` });
  };
  const names = Array.from({ length: 10_000 }, (_, at) => `acs/ecs/${at}`);
  for (const name of [...names, 'acs/ecs/9999', 'acs/ecs/0']) await look(name);
  expect(asked).toEqual(names);
  asked.length = 0;
  for (const name of ['acs/ecs/one-more', 'acs/ecs/1', 'acs/ecs/9999', 'acs/ecs/0']) await look(name);
  expect(asked).toEqual(['acs/ecs/one-more', 'acs/ecs/0']);
});
