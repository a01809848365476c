import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A long way between two peers on this machine. */
export interface DelayingProxy {
  readonly port: number;
  stop(): void;
}

/**
 * Everything arrives so much later, in order, in both directions, however much is on its way: delay without a limit to the
 * rate, as on a long line that is wide.
 * @param to the port on this machine that connections go to
 * @param delayMs of one direction, half of a round trip
 */
export async function startDelayingProxy(to: number, delayMs: number): Promise<DelayingProxy> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const far = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true });
    for (const [from, into] of [
      [client, far],
      [far, client],
    ] as const) {
      sockets.add(from);
      const later = (deliver: () => void): void => {
        setTimeout(deliver, delayMs);
      };
      from.setNoDelay(true).on('error', () => undefined);
      from.on('data', (bytes: Buffer) => {
        later(() => into.write(bytes));
      });
      from.on('end', () => {
        later(() => into.end());
      });
      from.on('close', () => {
        sockets.delete(from);
        later(() => into.destroy());
      });
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
