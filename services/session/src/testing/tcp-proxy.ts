import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Stands between two peers, and can fall silent as a machine does whose power is gone. */
export interface TcpProxy {
  readonly port: number;
  /**
   * From now on nothing passes, and nobody is told: no FIN, no RST. What is sent to it is acknowledged by this machine's
   * kernel, and read by nobody.
   */
  fallSilent(): void;
  /** Bytes that came from clients. */
  readonly fromClients: number;
  /** Keeps what goes to clients until it is told to let it go, as if it was on a long way. @returns lets it go */
  holdAnswers(): () => void;
  stop(): void;
}

/** @param to the port on this machine that the next connection goes to */
export async function startTcpProxy(to: () => number): Promise<TcpProxy> {
  const sockets: Socket[] = [];
  let silent = false;
  let fromClients = 0;
  let held: (() => void)[] | undefined;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const back = connect({ port: to(), host: '127.0.0.1', allowHalfOpen: true });
    for (const [from, into] of [
      [client, back],
      [back, client],
    ] as const) {
      sockets.push(from);
      from.setNoDelay(true).on('error', () => undefined);
      from.on('data', (bytes: Buffer) => {
        if (from === client) fromClients += bytes.length;
        if (silent) return;
        if (held && into === client) held.push(() => into.write(bytes));
        else into.write(bytes);
      });
      from.on('end', () => {
        if (!silent) into.end();
      });
      from.on('close', () => {
        if (!silent) into.destroy();
      });
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    fallSilent: () => {
      silent = true;
    },
    get fromClients() {
      return fromClients;
    },
    holdAnswers: () => {
      held = [];
      return () => {
        for (const deliver of held ?? []) deliver();
        held = undefined;
      };
    },
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
