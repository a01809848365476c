import type { Channel, ChannelRequest } from '@sallyport/ssh-wire';

/** Without data for this long, an exit waits no more. */
const QUIET_MS = 1_000;

/**
 * Keeps the exit of a program back until no data can follow it: OpenSSH's server tells of the exit when the process ends,
 * while its last output may still be in a pipe, and some clients stop reading then.
 *
 * A heuristic where the output never ends, because a background process holds it open: then the exit goes out when nothing came
 * for a second. Output that such a process writes later comes after the exit, as it does without the bastion.
 */
export class HeldExit {
  #request: ChannelRequest | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly to: Pick<Channel, 'request'>) {}

  hold(request: ChannelRequest): void {
    this.#request = request;
    this.wait();
  }

  /** Data came. */
  wait(): void {
    if (!this.#request) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.release();
    }, QUIET_MS);
  }

  /** There will be no more data. Safe to repeat. */
  release(): void {
    clearTimeout(this.#timer);
    if (this.#request) void this.to.request(this.#request);
    this.#request = undefined;
  }
}
