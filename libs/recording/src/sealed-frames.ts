import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';

/**
 * A recording at rest. A head, and then frames, each of some whole chunks, compressed and encrypted by itself, so that one
 * can be read without those before it:
 *
 * ```
 * byte[8]   "SALLYREC"
 * byte      1, the version
 * byte[8]   which key: the first bytes of SHA-256 of it
 * byte[32]  salt
 * frames:
 * uint32    n, bytes that follow
 * byte[n]   AES-256-GCM of gzip of the text, and its tag (16 bytes)
 * ```
 *
 * The key of a file is HKDF-SHA-256 of the deployment's key and the salt, info `sallyport recording`. The nonce of a frame is its
 * number from 0 (uint64) and a uint32 that is 1 for the last one and else 0: so frames cannot be swapped, left out, or cut
 * (the STREAM construction, Hoang et al. 2015, as age uses it).
 */
const MAGIC = Buffer.from('SALLYREC\x01');
const KEY_ID_BYTES = 8;
const SALT_BYTES = 32;
export const headBytes = MAGIC.length + KEY_ID_BYTES + SALT_BYTES;
const TAG_BYTES = 16;
export const keyBytes = 32;
/** Of a whole frame, length included; more is no frame of ours. */
export const maxFrameBytes = 4 * 1024 * 1024;

/** A file that is no recording, was made with another key, or was changed. */
export class SealedFileError extends Error {
  override readonly name = 'SealedFileError';
}

const keyIdOf = (key: Buffer): Buffer => createHash('sha256').update(key).digest().subarray(0, KEY_ID_BYTES);
const fileKey = (key: Buffer, salt: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, 'sallyport recording', keyBytes));

function nonce(frame: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(BigInt(frame));
  bytes.writeUInt32BE(Number(last), 8);
  return bytes;
}

/** Makes the bytes of a file, part by part. */
export class FrameSealer {
  readonly head: Buffer;
  readonly #key: Buffer;
  #frame = 0;

  /** @param key 32 bytes */
  constructor(key: Buffer) {
    const salt = randomBytes(SALT_BYTES);
    this.head = Buffer.concat([MAGIC, keyIdOf(key), salt]);
    this.#key = fileKey(key, salt);
  }

  /** @param last there must be exactly one, at the end */
  seal(text: Buffer, last: boolean): Buffer {
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce(this.#frame, last));
    this.#frame += 1;
    const sealed = [cipher.update(gzipSync(text)), cipher.final(), cipher.getAuthTag()];
    const length = Buffer.alloc(4);
    length.writeUInt32BE(sealed.reduce((sum, part) => sum + part.length, 0));
    return Buffer.concat([length, ...sealed]);
  }
}

/** Opens the frames of a file. */
export class FrameOpener {
  readonly #key: Buffer;

  /**
   * @param head the first `headBytes` of the file
   * @throws SealedFileError
   */
  constructor(key: Buffer, head: Buffer) {
    if (head.length < headBytes || !head.subarray(0, MAGIC.length).equals(MAGIC))
      throw new SealedFileError('this is no recording of Sallyport, or its beginning was changed');
    if (!head.subarray(MAGIC.length, MAGIC.length + KEY_ID_BYTES).equals(keyIdOf(key)))
      throw new SealedFileError('this recording was encrypted with another key than the one that is set');
    this.#key = fileKey(key, head.subarray(MAGIC.length + KEY_ID_BYTES, headBytes));
  }

  /**
   * @param frame its number, from 0
   * @param sealed without its length
   * @throws SealedFileError
   */
  open(frame: number, sealed: Buffer): { text: Buffer; last: boolean } {
    for (const last of [false, true]) {
      const text = this.#try(frame, sealed, last);
      if (text) return { text, last };
    }
    throw new SealedFileError(`part ${frame + 1} of the recording was changed, or stands in another’s place`);
  }

  #try(frame: number, sealed: Buffer, last: boolean): Buffer | undefined {
    const end = sealed.length - TAG_BYTES;
    if (end < 0) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce(frame, last));
    decipher.setAuthTag(sealed.subarray(end));
    try {
      return gunzipSync(Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]));
    } catch {
      return undefined;
    }
  }
}
