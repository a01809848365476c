import { MalformedTransfer } from '../malformed-transfer.js';

interface Pending<T> {
  /** What the answer will mean. */
  readonly waiting: T;
  /** Our own answer, in place of the target's. */
  answer?: Buffer;
}

/** More requests that wait for an answer than any client has; from here on no more are taken until there are fewer. */
const LIMIT = 16_384;

/**
 * Requests whose answers have not come, oldest first. An answer of our own takes the place of the target's: it is due when all
 * that was asked before has been answered, so that a client that counts on the order finds it.
 */
export class PendingRequests<T> {
  readonly #pending = new Map<number, Pending<T>>();
  #waiting: (() => void)[] = [];
  #cut = false;

  /** @throws MalformedTransfer the id is one of a request that waits for its answer: nobody could tell the answers apart */
  add(id: number, waiting: T): void {
    if (this.#pending.has(id)) throw new MalformedTransfer(`request id ${id} is in use`);
    this.#pending.set(id, { waiting });
  }

  /** The target's answer came. @returns undefined when nobody waits for it */
  take(id: number): T | undefined {
    const pending = this.#pending.get(id);
    // To what the target was never asked, it has no answer.
    if (!pending || pending.answer) return undefined;
    this.#pending.delete(id);
    this.#wake();
    return pending.waiting;
  }

  /** We answer ourselves. */
  answer(id: number, answer: Buffer): void {
    const pending = this.#pending.get(id);
    if (pending) pending.answer = answer;
  }

  /** Our answers whose turn it is; each only once. */
  due(): Buffer[] {
    const answers: Buffer[] = [];
    for (const [id, { answer }] of this.#pending) {
      if (!answer) break;
      answers.push(answer);
      this.#pending.delete(id);
    }
    if (answers.length > 0) this.#wake();
    return answers;
  }

  /** Returns when there is room for more requests, or nothing will come any more. */
  async room(): Promise<void> {
    while (this.#pending.size >= LIMIT && !this.#cut) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** No answers will come: nobody waits for room any more. */
  cut(): void {
    this.#cut = true;
    this.#wake();
  }

  unanswered(): T[] {
    return [...this.#pending.values()].map(({ waiting }) => waiting);
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
