export interface RekeyOptions {
  /** A new key exchange after so many bytes in both directions; 1 GiB unless told (RFC 4253 section 9). */
  rekeyAfterBytes?: number;
  /** …or after so long; one hour unless told. */
  rekeyAfterMs?: number;
  /** How long a later key exchange may take, whoever began it, before the peer is given up; a minute unless told. */
  rekeyTimeoutMs?: number;
}

/** When keys are exchanged anew, and how long that may take (RFC 4253 section 9). */
export class Rekeying {
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  /** Those who wait for the end of an exchange. */
  readonly #waiting: (() => void)[] = [];

  constructor(
    private readonly options: RekeyOptions,
    private readonly act: {
      /** The keys have served long enough. */
      rekey(): void;
      /** The peer does not finish an exchange. */
      late(): void;
    },
  ) {}

  /** Of both directions, since the last exchange or the beginning. */
  get bytesSinceKex(): number {
    return this.#bytes;
  }

  /** Bytes were sent or received. @returns whether it is time to exchange keys */
  count(bytes: number): boolean {
    this.#bytes += bytes;
    return this.#bytes > (this.options.rekeyAfterBytes ?? 2 ** 30);
  }

  /** An exchange is under way. While it is, everything else waits: a peer that never finishes would hold it for good. */
  begun(): void {
    this.#deadline ??= setTimeout(() => {
      this.act.late();
    }, this.options.rekeyTimeoutMs ?? 60_000);
  }

  /** New keys are in use. */
  finished(): void {
    this.stop();
    this.#bytes = 0;
    this.#timer = setTimeout(() => {
      this.act.rekey();
    }, this.options.rekeyAfterMs ?? 3_600_000).unref();
  }

  /** Returns when the exchange that is under way has ended, or the connection has. */
  over(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
