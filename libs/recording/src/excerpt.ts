/**
 * Decides what is kept of a channel without a terminal, where a person may work (`ssh host bash -i`) or a program may move
 * gigabytes. What flows at a person's pace is kept; a burst is kept up to a limit, and from there on left out and counted
 * until the channel has been quiet for a while. Data with a NUL byte is no text, and left out at once.
 *
 * What it gets wrong (excerpt.spec.ts shows both): the beginning of a text file that is copied through such a channel is
 * kept; and who hides what is shown behind a burst without a pause is seen by his command and the bytes that were left out.
 */
export class Excerpt {
  #kept = 0;
  #leftOut = 0;
  #lastAt = 0;

  constructor(private readonly rules: { readonly burstBytes: number; readonly quietMs: number }) {}

  /**
   * @param nowMs of a clock that never goes back
   * @returns whether these bytes are kept, and how many before them were not
   */
  take(bytes: Buffer, nowMs: number): { keep: boolean; leftOut: number } {
    if (nowMs - this.#lastAt >= this.rules.quietMs) this.#kept = 0;
    this.#lastAt = nowMs;
    const bulk = this.#kept + bytes.length > this.rules.burstBytes;
    if (bulk || bytes.includes(0)) {
      // Only a pause makes room again.
      this.#kept = this.rules.burstBytes;
      this.#leftOut += bytes.length;
      return { keep: false, leftOut: 0 };
    }
    this.#kept += bytes.length;
    return { keep: true, leftOut: this.takeLeftOut() };
  }

  /** Bytes that were left out since this was last asked. */
  takeLeftOut(): number {
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return leftOut;
  }
}
