import { setTimeout as pause } from 'node:timers/promises';

export interface WaitOptions {
  /** 30 seconds unless told: no measure of anything, only the end of a test that would otherwise hang. */
  timeoutMs?: number;
  /** Between two tries; 25 ms unless told. */
  everyMs?: number;
  /** Ends the sentence "waited 30000 ms for …". */
  what: string;
}

/**
 * Asks again and again until the answer is neither false, null nor undefined, and returns it. A condition that throws
 * counts as "not yet"; its last error is the cause of ours.
 * @throws Error when the time is over
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 30_000, everyMs = 25, what }: WaitOptions,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const answer = await condition();
      if (answer !== false && answer !== null && answer !== undefined) {
        return answer as Exclude<T, false | null | undefined>;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await pause(everyMs);
  } while (Date.now() < deadline);
  throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause });
}
