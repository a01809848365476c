/** Port: time that passes, and a bell. */
export abstract class Timers {
  /** Milliseconds from some fixed moment; never goes back. */
  abstract now(): number;
  /** @returns stops it; safe to call late */
  abstract after(ms: number, ring: () => void): () => void;
}

export class SystemTimers extends Timers {
  now(): number {
    return performance.now();
  }

  after(ms: number, ring: () => void): () => void {
    const timer = setTimeout(ring, ms);
    return () => {
      clearTimeout(timer);
    };
  }
}
