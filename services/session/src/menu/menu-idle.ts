import type { Timers } from '../timers.js';

/** Rings once nothing has been done for so long. */
export class MenuIdle {
  #last: number;
  #cancel: () => void = () => undefined;

  /** @param busy whether what stands still is no sign of anybody having left */
  constructor(
    private readonly timers: Timers,
    private readonly limitMs: number,
    private readonly busy: () => boolean,
    private readonly ring: () => void,
  ) {
    this.#last = timers.now();
    this.#wait();
  }

  active(): void {
    this.#last = this.timers.now();
  }

  stop(): void {
    this.#cancel();
  }

  #wait(): void {
    this.#cancel = this.timers.after(this.#last + this.limitMs - this.timers.now(), () => {
      if (this.busy()) this.active();
      if (this.timers.now() - this.#last >= this.limitMs) this.ring();
      else this.#wait();
    });
  }
}
