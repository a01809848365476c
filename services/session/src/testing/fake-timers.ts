import { Timers } from '../timers.js';

/** Time that passes when the test says so. */
export class FakeTimers extends Timers {
  #now = 0;
  readonly #bells = new Set<{ at: number; ring: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, ring: () => void): () => void {
    const bell = { at: this.#now + ms, ring };
    this.#bells.add(bell);
    return () => this.#bells.delete(bell);
  }

  /** Rings what is due on the way, in order. */
  pass(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#now = Math.max(this.#now, next.at);
      this.#bells.delete(next);
      next.ring();
    }
    this.#now = until;
  }

  #next(until: number): { at: number; ring: () => void } | undefined {
    return [...this.#bells].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
  }
}
