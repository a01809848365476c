import { randomBytes, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RecordingStore } from './recording-store.js';

/** What every store of recordings must do. */
export function recordingStoreSuite(what: string, open: () => Promise<RecordingStore>): void {
  describe(`a store of recordings: ${what}`, () => {
    let store: RecordingStore;
    beforeAll(async () => {
      store = await open();
    });
    const newName = () => `${randomUUID()}/0.cast.sealed`;
    const put = async (name: string, ...parts: Buffer[]) => {
      const writing = await store.create(name);
      for (const part of parts) await writing.write(part);
      await writing.commit();
    };

    it('keeps what was written, and shows any part of it', async () => {
      const name = newName();
      await put(name, Buffer.from('head'), Buffer.from('and frames'));
      expect(await store.read(name, 0, 4)).toEqual(Buffer.from('head'));
      expect(await store.read(name, 4, 3)).toEqual(Buffer.from('and'));
      expect(await store.read(name, 4, 0)).toEqual(Buffer.alloc(0));
    });

    it('shows less at the end, and nothing beyond it or of what it has not', async () => {
      const name = newName();
      await put(name, Buffer.from('0123456789'));
      expect(await store.read(name, 8, 100)).toEqual(Buffer.from('89'));
      expect(await store.read(name, 10, 1)).toEqual(Buffer.alloc(0));
      expect(await store.read(newName(), 0, 1)).toEqual(Buffer.alloc(0));
    });

    it('has nothing of what is not committed, or was given up', async () => {
      const name = newName();
      const [given, kept] = [await store.create(name), await store.create(name)];
      for (const writing of [given, kept]) await writing.write(randomBytes(100));
      expect(await store.read(name, 0, 1)).toEqual(Buffer.alloc(0));
      await given.abort();
      expect(await store.read(name, 0, 1)).toEqual(Buffer.alloc(0));
      await kept.commit();
      expect(await store.read(name, 0, 200)).toHaveLength(100);
    });

    it('puts a new one in the place of an old one when it is whole, and not before', async () => {
      const name = newName();
      await put(name, Buffer.from('lost'));
      const writing = await store.create(name);
      await writing.write(Buffer.from('complete'));
      expect(await store.read(name, 0, 100)).toEqual(Buffer.from('lost'));
      await writing.commit();
      expect(await store.read(name, 0, 100)).toEqual(Buffer.from('complete'));
    });

    it('takes a large one in many small writes, and gives up one on its way', async () => {
      const name = newName();
      const frames = Array.from({ length: 70 }, () => randomBytes(256 * 1024 + 7));
      const given = await store.create(name);
      for (const frame of frames) await given.write(frame);
      await given.abort();
      expect(await store.read(name, 0, 1)).toEqual(Buffer.alloc(0));
      await put(name, ...frames);
      const whole = Buffer.concat(frames);
      expect((await store.read(name, 0, whole.length + 1)).equals(whole)).toBe(true);
      const from = 8 * 1024 * 1024 - 3;
      expect(await store.read(name, from, 9)).toEqual(whole.subarray(from, from + 9));
    });
  });
}
