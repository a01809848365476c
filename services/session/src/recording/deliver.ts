import type { Timers } from '../timers.js';

const RETRY_MS = 250;

/**
 * Tries again for as long as the rules allow: NATS may be restarting.
 * @param over whether it need not be tried any more
 * @throws what `send` threw last
 */
export async function deliver(
  { timers, graceMs }: { readonly timers: Timers; readonly graceMs: number },
  send: () => Promise<void>,
  over: () => boolean,
): Promise<void> {
  const since = timers.now();
  for (;;) {
    try {
      await send();
      return;
    } catch (error) {
      if (over() || timers.now() - since >= graceMs) throw error;
    }
    await new Promise<void>((resolve) => timers.after(RETRY_MS, resolve));
  }
}
