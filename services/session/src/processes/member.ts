import type { Capacity } from '../lifecycle/capacity.js';
import { Elsewhere, End, type Ready, type Sessions } from './orders.js';

/**
 * How one of several processes takes part in `runService`. Signals do nothing: a terminal's Ctrl-C and most service managers send
 * theirs to each process, and the first one is who tells the others.
 */
export const memberOfGroup = {
  ready: (healthPort: number): void => {
    process.send?.({ healthPort } satisfies Ready);
  },
  onEnd: (end: (why: string) => void): void => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
    process.on('message', (message: unknown) => {
      const order = End.safeParse(message);
      if (order.success) end(order.data.end);
    });
  },
};

/** Counts the sessions of all processes together, as far as each has told: what they begin within the same millisecond may be too many. */
export function shareSessions(capacity: Capacity): void {
  capacity.onChange = (sessions) => {
    process.send?.({ sessions } satisfies Sessions);
  };
  process.on('message', (message: unknown) => {
    const others = Elsewhere.safeParse(message);
    if (others.success) capacity.elsewhere = others.data.elsewhere;
  });
}
