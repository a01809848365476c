import type { Channel } from '@sallyport/ssh-wire';

/** What went through, by direction: `up` is towards the target. */
export interface RelayedBytes {
  bytesUp: number;
  bytesDown: number;
}

/** After one side has closed, how long what it sent before may take to reach another that does not read. */
const CLOSE_GRACE_MS = 5_000;

/**
 * Joins two channels that carry nothing but bytes, until both are closed. A slow reader slows the sender.
 * @param active called when data came
 */
export async function relayBytes(client: Channel, target: Channel, active: () => void): Promise<RelayedBytes> {
  const bytes = { bytesUp: 0, bytesDown: 0 };
  const counting = (name: keyof RelayedBytes) => (length: number) => {
    active();
    bytes[name] += length;
  };
  await Promise.all([
    pass(client, target, counting('bytesUp')),
    pass(target, client, counting('bytesDown')),
    refuseRequests(client),
    refuseRequests(target),
  ]);
  return bytes;
}

async function pass(from: Channel, to: Channel, count: (length: number) => void): Promise<void> {
  let grace: NodeJS.Timeout | undefined;
  void from.closed.then(() => {
    grace = setTimeout(() => {
      to.close();
    }, CLOSE_GRACE_MS);
  });
  for await (const event of from.incoming()) {
    if (event.kind === 'eof') to.sendEof();
    if (event.kind !== 'data') continue;
    count(event.bytes.length);
    await to.write(event.bytes, event.stderr);
  }
  clearTimeout(grace);
  to.close();
}

/** There are none on such channels (RFC 4254 section 7). */
async function refuseRequests(channel: Channel): Promise<void> {
  for await (const request of channel.requests()) request.reply(false);
}
