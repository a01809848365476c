/** Something that comes in, for several who take turns at it: each item goes to one of them, and none is lost between two turns. */
export class Turns<T extends object> {
  readonly #source: AsyncIterator<T, unknown>;
  readonly #ready: T[] = [];
  #fetching = false;
  #ended = false;
  #wakers: (() => void)[] = [];

  constructor(source: AsyncIterable<T>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** @returns undefined when the source has ended, or the turn is over */
  async next(turnOver: AbortSignal): Promise<T | undefined> {
    for (;;) {
      if (turnOver.aborted) return undefined;
      const item = this.#ready.shift();
      if (item || this.#ended) return item;
      void this.#fetch();
      await this.#change(turnOver);
    }
  }

  /** For whoever comes next. */
  giveBack(...items: readonly T[]): void {
    this.#ready.unshift(...items);
    this.#wake();
  }

  /** Only when somebody waits: what nobody takes holds up its sender. */
  async #fetch(): Promise<void> {
    if (this.#fetching) return;
    this.#fetching = true;
    const result = await this.#source.next();
    this.#fetching = false;
    if (result.done === true) this.#ended = true;
    else this.#ready.push(result.value);
    this.#wake();
  }

  #change(turnOver: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        turnOver.removeEventListener('abort', wake);
        resolve();
      };
      turnOver.addEventListener('abort', wake);
      this.#wakers.push(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#wakers.splice(0)) wake();
  }
}
