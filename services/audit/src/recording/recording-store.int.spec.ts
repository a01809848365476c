import { readdirSync } from 'node:fs';
import { Secret } from '@sallyport/secret';
import { tempDir } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startS3 } from '../testing/s3-server.suite.js';
import { FolderStore } from './folder-store.js';
import { recordingStoreSuite } from './recording-store.suite.js';
import { S3Store } from './s3-store.js';

const folder = tempDir();
recordingStoreSuite('a folder', () => Promise.resolve(new FolderStore(folder)));

let s3: Awaited<ReturnType<typeof startS3>>;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.stop());
const open = (accessKey = { id: s3.keys.id, secret: Secret.of(s3.keys.secret) }) =>
  S3Store.open({ ...s3.place, accessKey });
recordingStoreSuite('a bucket', () => open());

it('leaves nothing behind of what was given up', () => {
  expect(s3.refused).toEqual([]);
  expect(s3.uploads.size).toBe(0);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  expect(names.filter((name) => name.endsWith('.partial'))).toEqual([]);
});

describe('a bucket that does not do as it should', () => {
  const putInto = async (store: S3Store) => {
    const writing = await store.create('x/0.cast.sealed');
    await writing.write(Buffer.from('bytes'));
    await writing.commit();
  };

  it('lets nobody in with another key: that is told, and nothing is taken for stored', async () => {
    await expect(putInto(await open({ id: s3.keys.id, secret: Secret.of('another') }))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
    expect(s3.objects.has('x/0.cast.sealed')).toBe(false);
    expect(s3.refused).toContain('SignatureDoesNotMatch');
  });

  it('errs, and is asked again, and then given up', async () => {
    const store = await open();
    await putInto(store);
    s3.meet('error');
    const before = s3.calls();
    await expect(putInto(store)).rejects.toMatchObject({ name: 'SlowDown' });
    expect(s3.calls() - before).toBeGreaterThan(1);
    await expect(store.read('x/0.cast.sealed', 0, 1)).rejects.toMatchObject({ name: 'SlowDown' });
    s3.meet('none');
    expect(await store.read('x/0.cast.sealed', 0, 5)).toEqual(Buffer.from('bytes'));
  });

  it('sends more than it was asked for, and is not read', async () => {
    const store = await open();
    await putInto(store);
    s3.meet('whole');
    await expect(store.read('x/0.cast.sealed', 0, 4)).rejects.toThrow('sends more than');
    s3.meet('none');
  });
});
