/**
 * Slices to be written one after the other, where those that lie side by side in memory are one again: what was looked at
 * piece by piece leaves as it came, without a copy.
 */
export class JoinedSlices {
  #slices: Buffer[] = [];

  add(bytes: Buffer): void {
    const last = this.#slices.at(-1);
    if (last?.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset) {
      this.#slices[this.#slices.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + bytes.length);
    } else {
      this.#slices.push(bytes);
    }
  }

  /** What was added since the last call. */
  take(): Buffer[] {
    const slices = this.#slices;
    this.#slices = [];
    return slices;
  }
}
