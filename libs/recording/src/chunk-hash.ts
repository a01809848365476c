import { createHash } from 'node:crypto';

/** A chunk is some whole lines of a recording, in UTF-8; one after the other they are the recording. */
export interface ChunkHash {
  readonly sizeBytes: number;
  /** SHA-256 of the chunk, base64. */
  readonly sha256: string;
}

export const hashChunk = (chunk: Buffer): ChunkHash => ({
  sizeBytes: chunk.length,
  sha256: createHash('sha256').update(chunk).digest('base64'),
});

/** What the log says of a recording. */
export interface RecordedHashes {
  /** Of each chunk, as far as they are known. */
  readonly chunks: readonly ChunkHash[];
  readonly sizeBytes: number;
  /** Of all bytes, base64. */
  readonly sha256: string;
}

/**
 * Compares a recording with what the log says of it.
 * @returns undefined when it is as it was recorded, else the first thing that is wrong, in words
 */
export function compareRecording(recording: Buffer, recorded: RecordedHashes): string | undefined {
  let at = 0;
  for (const [index, chunk] of recorded.chunks.entries()) {
    const found = recording.subarray(at, at + chunk.sizeBytes);
    if (hashChunk(found).sha256 !== chunk.sha256) return wrongChunk(recording, at, index, recorded.chunks);
    at += chunk.sizeBytes;
  }
  const known = recorded.chunks.length;
  if (recording.length > recorded.sizeBytes) return `there is more after chunk ${known} than was recorded`;
  if (recording.length < recorded.sizeBytes) return `chunk ${known + 1} is missing: the recording is cut there`;
  if (hashChunk(recording).sha256 !== recorded.sha256) return `what follows chunk ${known} was changed`;
  return undefined;
}

/** Chunks are counted from 1, as a person would. */
function wrongChunk(recording: Buffer, at: number, index: number, chunks: readonly ChunkHash[]): string {
  const name = `chunk ${index + 1}`;
  const own = chunks[index]?.sizeBytes ?? 0;
  if (recording.length < at + own) return `${name} is missing: the recording is cut there`;
  for (const [later, chunk] of chunks.entries()) {
    if (later <= index || hashChunk(recording.subarray(at, at + chunk.sizeBytes)).sha256 !== chunk.sha256) continue;
    return `${name} is missing: chunk ${later + 1} stands in its place`;
  }
  return `${name} was changed`;
}
