/** How late, at most, a replica notices what another one has stored. */
const lookEveryMs = 200;

/** Tells who waits for it that the log has grown. One look at the database serves all, and nobody waiting costs nothing. */
export class LogTail {
  private looking: Promise<number> | undefined;

  /** @param size how many events the log has */
  constructor(readonly size: () => Promise<number>) {}

  /** Resolves when the log has more than `after` events, or when the time is over, or on `signal`; with its size then. */
  async beyond(after: number, timeoutMs: number, signal?: AbortSignal): Promise<number> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const size = await this.look();
      if (size > after || Date.now() >= end || signal?.aborted) return size;
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }

  private look(): Promise<number> {
    this.looking ??= this.size().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }
}
