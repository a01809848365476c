import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { parseFile, readIfPresent, writeDurably } from './durable-file.js';

/** A text encrypted with AES-256-GCM; members in base64. */
export const Sealed = z.object({ keyId: z.string(), iv: z.string(), tag: z.string(), data: z.string() });
export type Sealed = z.infer<typeof Sealed>;

const KeyFile = z.record(z.string(), z.base64());

/**
 * Key material, in a file of its own (mode 0600), apart from the state that is encrypted with it.
 * What a key sealed can be opened only with the same `context`, so that sealed values cannot be swapped.
 */
export class KeyVault {
  #lastWrite: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private keys: ReadonlyMap<string, Buffer>,
  ) {}

  static async open(folder: string): Promise<KeyVault> {
    const path = join(folder, 'key-material.json');
    const file = parseFile(path, (await readIfPresent(path)) ?? '{}', KeyFile);
    const keys = Object.entries(file).map(([keyId, material]) => [keyId, Buffer.from(material, 'base64')] as const);
    return new KeyVault(path, new Map(keys));
  }

  /** Makes material for a key; when this returns, it is on disk. */
  async create(keyId: string): Promise<void> {
    const written = this.#lastWrite.then(async () => {
      const keys = new Map(this.keys).set(keyId, randomBytes(32));
      const file = Object.fromEntries([...keys].map(([id, material]) => [id, material.toString('base64')]));
      await writeDurably(this.path, JSON.stringify(file));
      this.keys = keys;
    });
    this.#lastWrite = written.catch(() => undefined);
    await written;
  }

  seal(keyId: string, plain: string, context: string): Sealed {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#material(keyId), iv).setAAD(Buffer.from(context));
    const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return {
      keyId,
      iv: iv.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
      data: data.toString('base64'),
    };
  }

  /** @throws Error when the key, the context or a byte is not the one it was sealed with */
  unseal(sealed: Sealed, context: string): string {
    const decipher = createDecipheriv('aes-256-gcm', this.#material(sealed.keyId), Buffer.from(sealed.iv, 'base64'), {
      authTagLength: 16,
    });
    decipher.setAAD(Buffer.from(context)).setAuthTag(Buffer.from(sealed.tag, 'base64'));
    const plain = Buffer.concat([decipher.update(Buffer.from(sealed.data, 'base64')), decipher.final()]);
    return plain.toString('utf8');
  }

  #material(keyId: string): Buffer {
    const material = this.keys.get(keyId);
    if (!material) throw new Error('no material for this key');
    return material;
  }
}
