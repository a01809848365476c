/** What is done again and again, one turn after the other, for as long as the process lives. Nest calls its hooks. */
export abstract class Recurring {
  private readonly over = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  /** @param firstMs until the first turn */
  constructor(private readonly firstMs: number) {}

  onApplicationBootstrap(): void {
    this.wait(this.firstMs);
  }

  /** Waits for the turn that is under way. */
  async beforeApplicationShutdown(): Promise<void> {
    this.over.abort();
    clearTimeout(this.timer);
    await this.running;
  }

  /**
   * One turn. Never rejects: what went wrong is logged, and tried again in the next.
   * @param over aborted when the process is about to end
   * @returns milliseconds until the next turn
   */
  protected abstract turn(over: AbortSignal): Promise<number>;

  private wait(ms: number): void {
    this.timer = setTimeout(() => {
      this.running = this.turn(this.over.signal).then((nextMs) => {
        if (!this.over.signal.aborted) this.wait(nextMs);
      });
    }, ms);
  }
}
