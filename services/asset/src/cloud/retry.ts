import { setTimeout as pause } from 'node:timers/promises';

export interface RetryOptions {
  attempts: number;
  /** For all attempts and the pauses between them. */
  deadlineMs: number;
  isRetryable: (error: unknown) => boolean;
}

/** Longest pause before the second attempt; it doubles with each further one. */
const FIRST_PAUSE_MS = 500;

/**
 * Tries again with full jitter: a pause of between nothing and the limit, so that many who failed together do not come
 * back together. What cannot be cancelled goes on in the background, its result unused, once the deadline has passed.
 * @throws the error of the last attempt @throws DeadlineError
 */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const stop = new AbortController();
  const expired = pause(options.deadlineMs, undefined, { signal: stop.signal }).then(() => {
    throw new DeadlineError();
  });
  try {
    return await Promise.race([expired, attempt(work, options, stop.signal)]);
  } finally {
    stop.abort();
    expired.catch(() => undefined);
  }
}

export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

async function attempt<T>(work: () => Promise<T>, options: RetryOptions, signal: AbortSignal): Promise<T> {
  for (let done = 1; ; done += 1) {
    try {
      return await work();
    } catch (error) {
      if (done >= options.attempts || signal.aborted || !options.isRetryable(error)) throw error;
      await pause(Math.random() * FIRST_PAUSE_MS * 2 ** (done - 1), undefined, { signal });
    }
  }
}
