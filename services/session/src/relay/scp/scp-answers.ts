import { MalformedTransfer } from '../malformed-transfer.js';

const LINE_BYTES = 8 * 1024;
const NEWLINE = 10;
/** More answers than anybody asked for. */
const LIMIT = 1_024;

/**
 * Reads what the receiving side of legacy scp answers: a 0 for yes; or 1 (or 2: and that is the end) and a line that says what
 * is wrong. Hands the answers out in order, one for each `next`, as scp itself takes them.
 */
export class ScpAnswers {
  readonly #answers: boolean[] = [];
  #lineBytes = 0;
  #waiting: (() => void) | undefined;
  #ended = false;

  /** @throws MalformedTransfer these are no answers */
  scan(bytes: Buffer): void {
    for (const byte of bytes) {
      if (this.#lineBytes > 0) {
        this.#lineBytes += 1;
        if (this.#lineBytes > LINE_BYTES) throw new MalformedTransfer('an answer has no end');
        if (byte === NEWLINE) this.#push(false);
      } else if (byte === 0) this.#push(true);
      else if (byte <= 2) this.#lineBytes = 1;
      else throw new MalformedTransfer('not an answer of scp');
    }
  }

  /** Whether the other side agreed; false as well when none will come. */
  async next(): Promise<boolean> {
    while (this.#answers.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => (this.#waiting = resolve));
    }
    return this.#answers.shift() ?? false;
  }

  /** No more answers will come. */
  end(): void {
    this.#ended = true;
    this.#waiting?.();
  }

  /** None is left, and none will come. */
  get over(): boolean {
    return this.#ended && this.#answers.length === 0;
  }

  #push(answer: boolean): void {
    this.#lineBytes = 0;
    if (this.#answers.length >= LIMIT) throw new MalformedTransfer('answers without a question');
    this.#answers.push(answer);
    this.#waiting?.();
  }
}
