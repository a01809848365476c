import type { KmsKey } from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import { FakeKms } from '../kms/kms.fake.js';
import { ListKeys } from './list-keys.js';

const key = (number: number): KmsKey => ({
  keyId: `key-${number}`,
  kmsInstanceId: number % 2 === 0 ? 'kst-even' : 'kst-odd',
  keySpec: 'Aliyun_AES_256',
  keyUsage: 'ENCRYPT/DECRYPT',
  state: 'Enabled',
  encryptsSecrets: true,
});

describe('ListKeys', () => {
  const kms = new FakeKms();
  kms.keys.push(...[1, 2, 3, 4, 5].map(key));
  const listKeys = new ListKeys(kms);
  const all = async (kmsInstanceId?: string): Promise<string[]> => {
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listKeys.run('cn-hangzhou', { limit: 2, cursor, kmsInstanceId });
      found.push(...page.items.map(({ keyId }) => keyId));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found;
  };

  it('describes every key, page after page', async () => {
    expect(await all()).toEqual(['key-1', 'key-2', 'key-3', 'key-4', 'key-5']);
  });

  it('has no further page when the last one is full', async () => {
    expect(await listKeys.run('cn-hangzhou', { limit: 5 })).not.toHaveProperty('nextCursor');
  });

  it('leaves out keys of other KMS instances, also when KMS does not', async () => {
    expect(await all('kst-even')).toEqual(['key-2', 'key-4']);
  });

  it('ends a page before it is too large for a message of NATS, and the next one goes on from there', async () => {
    const wordy = new FakeKms();
    // Each takes six bytes in JSON.
    const description = '\u0001'.repeat(8_192);
    wordy.keys.push(...Array.from({ length: 45 }, (_, at) => ({ ...key(at), description })));
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await new ListKeys(wordy).run('cn-hangzhou', { limit: 40, cursor });
      expect(JSON.stringify(page).length).toBeLessThan(1_000_000);
      found.push(...page.items.map(({ keyId }) => keyId));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(found).toEqual(wordy.keys.map(({ keyId }) => keyId));
  });

  it.each(['0', '-1', 'x', '1e3'])('refuses the cursor %s', async (cursor) => {
    const list = listKeys.run('cn-hangzhou', { limit: 2, cursor });
    await expect(list).rejects.toMatchObject({ code: 'request.invalid' });
  });
});
