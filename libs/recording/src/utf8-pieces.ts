import { isUtf8 } from 'node:buffer';

/** Part of a stream of bytes, as text. */
export interface Piece {
  /** With U+FFFD for what is not UTF-8. */
  readonly text: string;
  /** The very bytes; only where the text does not say them all. */
  readonly bytes?: Buffer;
}

/**
 * Makes text of a stream of bytes that is cut anywhere: a character that is not whole yet waits for its rest. Bytes that are
 * not UTF-8 are kept beside their text, so nothing is lost of other encodings.
 */
export class Utf8Pieces {
  /** The beginning of a character: three bytes at most. */
  #rest: Buffer | undefined;

  /** @returns undefined when there is no whole character yet */
  push(bytes: Buffer): Piece | undefined {
    const all = this.#rest ? Buffer.concat([this.#rest, bytes]) : bytes;
    const whole = all.length - unfinished(all);
    // A copy: the packet that the bytes came in is not to live for the sake of three of them.
    this.#rest = whole < all.length ? Buffer.from(all.subarray(whole)) : undefined;
    return whole > 0 ? pieceOf(all.subarray(0, whole)) : undefined;
  }

  /** What still waits, when no more will come. */
  end(): Piece | undefined {
    const rest = this.#rest;
    this.#rest = undefined;
    return rest && pieceOf(rest);
  }
}

function pieceOf(bytes: Buffer): Piece {
  const text = bytes.toString('utf8');
  return isUtf8(bytes) ? { text } : { text, bytes };
}

/** How many bytes at the end are the beginning of a character whose rest may still come (RFC 3629 section 3). */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    // A byte that begins a character says how many follow.
    if (byte >= 0xc0) return back < lengthOf(byte) ? back : 0;
  }
  return 0;
}

function lengthOf(first: number): number {
  if (first >= 0xf5) return 1;
  if (first >= 0xf0) return 4;
  return first >= 0xe0 ? 3 : 2;
}
