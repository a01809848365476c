import { SshError } from './ssh-error.js';

export interface EventQueueOptions<T> {
  /** Most entries that may wait; one more is the peer's fault, since each costs it nothing to send. */
  limit?: number;
  /** Makes one entry of two that wait one after the other; undefined leaves them as they are. */
  merge?: (last: T, next: T) => T | undefined;
}

/** Joins a callback that pushes and one loop that takes: an endless array with an end. */
export class EventQueue<T extends object> implements AsyncIterable<T> {
  readonly #waiting: T[] = [];
  #wake: (() => void) | undefined;
  #ended = false;

  constructor(private readonly options: EventQueueOptions<T> = {}) {}

  /** @throws SshError `protocol` more than `limit` entries wait */
  push(entry: T): void {
    if (this.#ended) return;
    const last = this.#waiting.at(-1);
    const merged = last && this.options.merge?.(last, entry);
    if (merged) {
      this.#waiting[this.#waiting.length - 1] = merged;
      return;
    }
    if (this.#waiting.length >= (this.options.limit ?? Infinity)) {
      throw new SshError('protocol', 'too many messages at once');
    }
    this.#waiting.push(entry);
    this.#wake?.();
  }

  /** What waits is still handed out; then the loop ends. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const entry = this.#waiting.shift();
      if (entry !== undefined) {
        yield entry;
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
      }
    }
  }
}
