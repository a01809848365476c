import { createHash } from 'node:crypto';
import { hashChunk, type ChunkHash } from '@sallyport/recording';

/** What the chunks of a recording come to, for the log. */
export class RecordedChunks {
  #count = 0;
  #sizeBytes = 0;
  readonly #sha256 = createHash('sha256');
  /** Of chunks that no event tells of yet. */
  #hashes: ChunkHash[] = [];

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** How many no event tells of. */
  get untold(): number {
    return this.#hashes.length;
  }

  add(data: Buffer): void {
    this.#count += 1;
    this.#sizeBytes += data.length;
    this.#sha256.update(data);
    this.#hashes.push(hashChunk(data));
  }

  /** The hashes that no event tells of; from now on one does. */
  take(): { firstChunk: number; chunks: ChunkHash[] } {
    const chunks = this.#hashes;
    this.#hashes = [];
    return { firstChunk: this.#count - chunks.length, chunks };
  }

  /** To be called once, at the end. */
  whole(): { sizeBytes: number; sha256: string } {
    return { sizeBytes: this.#sizeBytes, sha256: this.#sha256.digest('base64') };
  }
}
