import type { Channel } from '@sallyport/ssh-wire';

/** The two ends of what a tap stands between. */
export interface TapEnds {
  readonly client: Pick<Channel, 'write'>;
  readonly target: Pick<Channel, 'write'>;
}

/**
 * Stands in the way of a channel's data and understands it. It writes to the other end what may pass, in order, and returns when
 * that has been taken; what it throws ends the channel with a line.
 */
export interface ChannelTap {
  /** Bytes of the client. One call at a time. */
  up(bytes: Buffer): Promise<void>;
  /** Bytes of the target, not those of its stderr. One call at a time, but beside `up`. */
  down(bytes: Buffer): Promise<void>;
  /** Bytes of the target's stderr, which pass by themselves once this has returned. */
  stderr?(bytes: Buffer): Promise<void> | undefined;
  /** No more will come from there: what waits for it returns. Safe to repeat. */
  ended(way: 'up' | 'down'): void;
  /** The channel is over, and what came has been dealt with. */
  end(): void;
}

/** Data that nobody looks at. */
export function untapped({ client, target }: TapEnds): ChannelTap {
  return {
    up: async (bytes) => {
      await target.write(bytes);
    },
    down: async (bytes) => {
      await client.write(bytes);
    },
    ended: () => undefined,
    end: () => undefined,
  };
}
