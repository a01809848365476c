import { addressBlock } from '@sallyport/addresses';

/** How many strangers may stand at the door of one process. An address is an IPv4 address, or the /64 of an IPv6 address. */
export interface ConnectionLimitRules {
  /** Connections that are not authenticated yet; further ones are refused. */
  readonly maxUnauthenticated: number;
  /** …of one address: nobody takes all the places. */
  readonly maxUnauthenticatedPerAddress: number;
  /** Connections of one address that said something and left without being authenticated, in one minute. */
  readonly maxFailuresPerMinute: number;
}

export type ConnectionRefusal = 'too-many-unauthenticated' | 'too-many-of-address' | 'too-many-failures';

/** A connection that is not authenticated yet. */
export interface Place {
  /** The client is authenticated, or left without having said a word. Safe to repeat. */
  free(): void;
  /** The client is gone, and was never authenticated. Safe to repeat, and after `free`. */
  fail(): void;
}

const WINDOW_MS = 60_000;
/** Addresses with failures that are remembered; beyond this the oldest are forgotten. */
const REMEMBERED = 10_000;

export class ConnectionLimits {
  #waiting = 0;
  readonly #waitingByAddress = new Map<string, number>();
  readonly #failures = new Map<string, { count: number; until: number }>();

  constructor(
    private readonly rules: ConnectionLimitRules,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Connections that are not authenticated. */
  get waiting(): number {
    return this.#waiting;
  }

  /** @returns why there is no place for it */
  admit(address: string): Place | ConnectionRefusal {
    const block = addressBlock(address);
    if (this.#failuresOf(block) >= this.rules.maxFailuresPerMinute) return 'too-many-failures';
    const ofAddress = this.#waitingByAddress.get(block) ?? 0;
    if (ofAddress >= this.rules.maxUnauthenticatedPerAddress) return 'too-many-of-address';
    if (this.#waiting >= this.rules.maxUnauthenticated) return 'too-many-unauthenticated';
    this.#waiting += 1;
    this.#waitingByAddress.set(block, ofAddress + 1);
    let held = true;
    const free = (): void => {
      if (!held) return;
      held = false;
      this.#leave(block);
    };
    const fail = (): void => {
      if (held) this.#countFailure(block);
      free();
    };
    return { free, fail };
  }

  #leave(block: string): void {
    this.#waiting -= 1;
    const left = (this.#waitingByAddress.get(block) ?? 1) - 1;
    if (left === 0) this.#waitingByAddress.delete(block);
    else this.#waitingByAddress.set(block, left);
  }

  #failuresOf(block: string): number {
    const failures = this.#failures.get(block);
    return failures && failures.until > this.now() ? failures.count : 0;
  }

  #countFailure(block: string): void {
    const count = this.#failuresOf(block) + 1;
    const until = count === 1 ? this.now() + WINDOW_MS : (this.#failures.get(block)?.until ?? 0);
    this.#failures.delete(block);
    this.#failures.set(block, { count, until });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > REMEMBERED && oldest !== undefined) this.#failures.delete(oldest);
  }
}
