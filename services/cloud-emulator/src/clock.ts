/** A clock that can be set. It goes on running from where it was set. */
export class Clock {
  #offsetMs = 0;

  /** @param trueNow milliseconds since 1970; the machine's clock unless a test brings its own */
  constructor(private readonly trueNow: () => number = Date.now) {}

  now(): Date {
    return new Date(this.trueNow() + this.#offsetMs);
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** From now on `now()` is the machine's time plus this. */
  setOffset(offsetMs: number): void {
    this.#offsetMs = offsetMs;
  }

  /** From now on `now()` runs on from this time. */
  setNow(now: Date): void {
    this.#offsetMs = now.getTime() - this.trueNow();
  }
}

/** The time form of the API, `YYYY-MM-DDThh:mm:ssZ`, UTC, whole seconds. */
export function apiTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
