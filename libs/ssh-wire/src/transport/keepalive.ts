export interface KeepaliveOptions {
  intervalMs: number;
  /** Questions without any sign of life after which the peer is given up. */
  maxMissed: number;
}

/** The longest that a peer can be silent before it is given up: it may fall silent right after a look that found it alive. */
export function longestSilenceMs({ intervalMs, maxMissed }: KeepaliveOptions): number {
  return intervalMs * (maxMissed + 2);
}

/** Notices when a peer has vanished without closing its connection. */
export class Keepalive {
  #timer: NodeJS.Timeout | undefined;
  #heard = true;

  /** @param ask sends a question that every peer answers; only a silent peer is asked */
  start({ intervalMs, maxMissed }: KeepaliveOptions, ask: () => void, giveUp: () => void): void {
    let missed = 0;
    this.#timer = setInterval(() => {
      missed = this.#heard ? 0 : missed + 1;
      this.#heard = false;
      if (missed > maxMissed) giveUp();
      else if (missed > 0) ask();
    }, intervalMs);
  }

  /** Any sign of life. */
  heard(): void {
    this.#heard = true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
