export interface GateLimits {
  /** Calls that may be on their way at once. */
  readonly inFlight: number;
  /** Calls that may start in a second, once the first quarter of a second's worth has been used. */
  readonly perSecond: number;
}

/** The turn did not come in time. */
export class NoTurn extends Error {}

interface Waiting {
  enter(): void;
}

/**
 * Lets calls pass so that they stay below a quota. Whoever must wait does so in a queue of its own `key`, and the queues
 * take turns: one that asks for much makes itself wait, and nobody else.
 * The bucket holds a quarter of a second's worth: in no second do more than 1¼ × `perSecond` calls start.
 */
export class FairGate {
  /** Queues that are not empty, the next one first. */
  readonly #queues = new Map<string, Set<Waiting>>();
  #inFlight = 0;
  #tokens: number;
  #filledAt: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: GateLimits,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.#tokens = this.#size;
    this.#filledAt = nowMs();
  }

  /**
   * Waits for the turn of `key`, for at most `timeoutMs`.
   * @returns what must be called, once, when the call has ended
   * @throws NoTurn
   */
  enter(key: string, timeoutMs: number): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        enter: () => {
          clearTimeout(timer);
          resolve(() => {
            this.#inFlight -= 1;
            this.#admit();
          });
        },
      };
      const timer = setTimeout(() => {
        this.#forget(key, waiting);
        reject(new NoTurn('others are before'));
      }, timeoutMs);
      const queue = this.#queues.get(key) ?? new Set();
      this.#queues.set(key, queue.add(waiting));
      this.#admit();
    });
  }

  get #size(): number {
    return Math.max(1, this.limits.perSecond / 4);
  }

  #admit(): void {
    this.#fill();
    for (const [key, queue] of this.#queues) {
      if (this.#inFlight >= this.limits.inFlight) return;
      if (this.#tokens < 1) {
        this.#admitLater();
        return;
      }
      const [first] = queue;
      if (!first) continue;
      this.#forget(key, first);
      // To the end, behind the queues of all others.
      if (this.#queues.delete(key)) this.#queues.set(key, queue);
      this.#tokens -= 1;
      this.#inFlight += 1;
      first.enter();
    }
  }

  #forget(key: string, waiting: Waiting): void {
    const queue = this.#queues.get(key);
    queue?.delete(waiting);
    if (queue?.size === 0) this.#queues.delete(key);
  }

  #fill(): void {
    const now = this.nowMs();
    this.#tokens = Math.min(this.#size, this.#tokens + ((now - this.#filledAt) / 1_000) * this.limits.perSecond);
    this.#filledAt = now;
  }

  /** When the next token is there. */
  #admitLater(): void {
    if (this.#timer) return;
    const waitMs = Math.ceil(((1 - this.#tokens) / this.limits.perSecond) * 1_000);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#admit();
    }, waitMs);
  }
}
