import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@sallyport/testing';
import { describe, expect, it } from 'vitest';
import { firstState } from './first-state.js';
import { KeyVault } from './key-vault.js';
import { StateStore } from './state-store.js';

describe('KeyVault', () => {
  it('opens what it sealed, with the same context, also after a restart', async () => {
    const folder = tempDir();
    const vault = await KeyVault.open(folder);
    await Promise.all([vault.create('a'), vault.create('b')]);
    const sealed = vault.seal('a', 'Passwört', 'secret/x/version/1');
    expect(JSON.stringify(sealed)).not.toContain('Passw');
    const again = await KeyVault.open(folder);
    expect(again.unseal(sealed, 'secret/x/version/1')).toBe('Passwört');
    expect(() => again.unseal(sealed, 'secret/y/version/1')).toThrow();
    expect(() => again.unseal({ ...sealed, keyId: 'b' }, 'secret/x/version/1')).toThrow();
    expect(() => again.unseal({ ...sealed, tag: sealed.tag.slice(0, 4) }, 'secret/x/version/1')).toThrow();
  });
});

describe('StateStore', () => {
  const open = async (folder: string): Promise<StateStore> => {
    const vault = await KeyVault.open(folder);
    return StateStore.open(folder, () => firstState(vault, { regionId: 'r', instances: 0, now: new Date(0) }));
  };
  const onDisk = (folder: string): unknown => JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'));

  it('has on disk what it shows, one update after the other', async () => {
    const folder = tempDir();
    const store = await open(folder);
    const add = (at: string): Promise<number> =>
      store.own.update((state) => ({
        next: { rotationRequests: [...state.rotationRequests, at] },
        result: state.rotationRequests.length,
      }));
    expect(await Promise.all(['a', 'b', 'c'].map(add))).toEqual([0, 1, 2]);
    expect(onDisk(folder)).toEqual(store.current);
    expect((await open(folder)).current).toEqual(store.current);
  });

  it('changes nothing when an update fails, and goes on', async () => {
    const store = await open(tempDir());
    const before = store.current;
    const failing = store.update(() => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(store.current).toBe(before);
    await store.update(() => ({ next: { regionId: 's' }, result: undefined }));
    expect(store.current.regionId).toBe('s');
  });

  it('shows nothing that is not on disk', async () => {
    const folder = tempDir();
    const store = await open(folder);
    const before = store.current;
    rmSync(folder, { recursive: true });
    await expect(store.update(() => ({ next: { regionId: 's' }, result: undefined }))).rejects.toThrow();
    expect(store.current).toBe(before);
  });

  it('has a whole file on disk at any moment', async () => {
    const folder = tempDir();
    const store = await open(folder);
    const aliases = Array.from({ length: 20_000 }, (_, index) => ({ name: `alias/${index}`, keyId: 'key' }));
    const updates = Array.from({ length: 20 }, () =>
      store.own.update(() => ({ next: { aliases: [...aliases] }, result: undefined })),
    );
    const writing = { isOver: false };
    const all = Promise.all(updates).finally(() => (writing.isOver = true));
    while (!writing.isOver) JSON.parse(await readFile(join(folder, 'state.json'), 'utf8'));
    await all;
    expect(onDisk(folder)).toEqual(store.current);
  });

  it('keeps what each account owns apart, and makes an account of its first resource', async () => {
    const folder = tempDir();
    const store = await open(folder);
    const other = store.of('2000000000000002');
    expect(other.current.aliases).toEqual([]);
    const alias = { name: 'alias/a', keyId: 'key-a' };
    await other.update(() => ({ next: { aliases: [alias] }, result: undefined }));
    expect([other.current.aliases, store.own.current.aliases]).toEqual([[alias], []]);
    await other.update(() => ({ next: {}, result: undefined }));
    expect((await open(folder)).accounts.map(({ accountId }) => accountId)).toEqual([
      store.current.accountId,
      '2000000000000002',
    ]);
  });

  it('opens what format 1 wrote, which knew one account', async () => {
    const folder = tempDir();
    const { accounts, ram } = (await open(folder)).current;
    writeFileSync(join(folder, 'state.json'), JSON.stringify({ ...accounts[0], ram, format: 1 }));
    expect((await open(folder)).current).toMatchObject({ format: 2, accounts, ram });
  });

  it('refuses a damaged file without showing it', async () => {
    const folder = tempDir();
    writeFileSync(join(folder, 'state.json'), '{"format":1,"accountId":"sesame"}');
    await expect(open(folder)).rejects.toThrow(/^(?!.*sesame).*state\.json is damaged/);
  });
});
