import { DomainError } from '@sallyport/errors';
import type { Clock } from '../clock.js';

/** How long, and how often, we try before we give up on KMS. */
export interface Patience {
  readonly tries: number;
  /** For all tries and the pauses between them. */
  readonly totalMs: number;
  /** For one try. */
  readonly tryMs: number;
}

const FIRST_PAUSE_MS = 200;

export interface Try {
  /** From 1. */
  readonly number: number;
  readonly timeoutMs: number;
}

/**
 * Tries until it works, an error says that trying again is useless, or patience is over; then throws the last error.
 * Pauses are drawn evenly between nothing and a bound that doubles (full jitter), so that callers who failed together do
 * not come back together.
 */
export async function withPatience<T>(
  { tries, totalMs, tryMs }: Patience,
  clock: Clock,
  attempt: (one: Try) => Promise<T>,
  random: () => number = Math.random,
): Promise<T> {
  const endsAt = clock.now().getTime() + totalMs;
  const leftMs = (): number => endsAt - clock.now().getTime();
  for (let number = 1; ; number++) {
    try {
      return await attempt({ number, timeoutMs: Math.max(1, Math.min(tryMs, leftMs())) });
    } catch (error) {
      if (!(error instanceof DomainError && error.retryable) || number >= tries) throw error;
      const pauseMs = random() * FIRST_PAUSE_MS * 2 ** (number - 1);
      if (pauseMs >= leftMs()) throw error;
      await clock.sleep(pauseMs);
    }
  }
}
