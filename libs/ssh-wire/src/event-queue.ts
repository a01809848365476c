import { SshError } from './ssh-error.js';

export interface EventQueueOptions<T> {
  /** Most entries that may wait; one more is the peer's fault, since each costs it nothing to send. */
  limit?: number;
  /** Puts an entry into one of those that wait, which it may replace; false: it is to wait behind them. */
  absorb?: (waiting: T[], next: T) => boolean;
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
    if (this.options.absorb?.(this.#waiting, entry)) return;
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
