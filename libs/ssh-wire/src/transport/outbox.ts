import type { Duplex } from 'node:stream';

/** Above this many unsent bytes, writers wait: it bounds memory when a peer has a huge window and reads slowly. */
export const CONGESTED_BYTES = 1024 * 1024;
/** Above this many unsent bytes we stop reading as well: the peer makes us answer and does not read the answers. */
export const FLOODED_BYTES = 8 * 1024 * 1024;
/** For the last bytes of a connection that we end. */
const LINGER_MS = 2_000;

/** The sending half of a socket or another stream: few system calls, and a bound to what waits in memory. */
export class Outbox {
  readonly #waiting: (() => void)[] = [];
  #corked = false;

  constructor(private readonly socket: Duplex) {
    socket.on('drain', () => {
      socket.resume();
      this.#wake();
    });
    socket.on('close', () => {
      this.#wake();
    });
  }

  /** One writev for all that is sent in one turn of the event loop. */
  write(data: Buffer): void {
    if (!this.socket.writable) return;
    if (!this.#corked) {
      this.#corked = true;
      this.socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.socket.uncork();
      });
    }
    this.socket.write(data);
  }

  /** True when so much waits to be sent that more should wait for `drained`. */
  get congested(): boolean {
    return this.socket.writableLength > CONGESTED_BYTES;
  }

  /** Returns when what waited has been sent, or the socket is closed. */
  async drained(): Promise<void> {
    if (!this.socket.writableNeedDrain || this.socket.destroyed) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** To be called after each read: a peer that reads nothing is not read from either, until it does. */
  pauseWhenFlooded(): void {
    if (this.socket.writableLength > FLOODED_BYTES) this.socket.pause();
  }

  /** Closes when what was said last is out, and in any case soon. */
  hangUp(): void {
    this.socket.end(() => this.socket.destroy());
    setTimeout(() => this.socket.destroy(), LINGER_MS).unref();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
