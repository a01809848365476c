import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { UserId } from '@sallyport/contracts';

const ALGORITHM = 'aes-256-gcm';
const [KEY_BYTES, NONCE_BYTES, TAG_BYTES] = [32, 12, 16] as const;

/**
 * Keeps the secrets of second factors unreadable in the database and its backups: AES-256-GCM, with the owner's id as
 * associated data, so that one user's secret is none of another's. Layout: nonce (12 bytes), tag (16), ciphertext.
 */
export class FactorCipher {
  private constructor(private readonly key: Buffer) {}

  /** @param key base64 of 32 bytes @throws Error it is not; nothing of it is shown */
  static fromBase64(key: string): FactorCipher {
    const bytes = Buffer.from(key, 'base64');
    if (bytes.length !== KEY_BYTES) throw new Error('not 32 bytes in base64');
    return new FactorCipher(bytes);
  }

  encrypt(secret: Buffer, owner: UserId): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.key, nonce).setAAD(Buffer.from(owner));
    const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
  }

  /** @throws Error it was encrypted with another key, for another owner, or was changed */
  decrypt(encrypted: Buffer, owner: UserId): Buffer {
    const nonce = encrypted.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(ALGORITHM, this.key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(owner)).setAuthTag(encrypted.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(encrypted.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  }
}
