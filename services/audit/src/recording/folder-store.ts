import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RecordingStore, type RecordingWriting } from './recording-store.js';

/** A folder, of which every replica must see the same. */
export class FolderStore extends RecordingStore {
  constructor(private readonly folder: string) {
    super();
  }

  override async create(object: string): Promise<RecordingWriting> {
    const path = join(this.folder, object);
    const partial = `${path}.${randomUUID()}.partial`;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(partial, 'wx', 0o600);
    return {
      write: async (bytes) => {
        await file.writeFile(bytes);
      },
      commit: async () => {
        await file.sync();
        await file.close();
        await rename(partial, path);
        await syncFolder(dirname(path));
      },
      abort: async () => {
        await file.close();
        await rm(partial, { force: true });
      },
    };
  }

  override async read(object: string, offset: number, length: number): Promise<Buffer> {
    let file;
    try {
      file = await open(join(this.folder, object));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    }
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }
}

/** A name is there to stay when its folder is on disk. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
