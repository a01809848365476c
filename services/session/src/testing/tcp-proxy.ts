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
  /** Bytes that came from clients, and from where these wanted to go. */
  readonly from: { readonly clients: number; readonly servers: number };
  /** Keeps what goes to one side until it is told to let it go, as if it was on a long way. @returns lets it go */
  hold(to: 'clients' | 'servers'): () => void;
  stop(): void;
}

/** @param to the port on this machine that the next connection goes to */
export async function startTcpProxy(to: () => number): Promise<TcpProxy> {
  const sockets: Socket[] = [];
  let silent = false;
  const from = { clients: 0, servers: 0 };
  const held: Record<keyof typeof from, (() => void)[] | undefined> = { clients: undefined, servers: undefined };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const back = connect({ port: to(), host: '127.0.0.1', allowHalfOpen: true });
    for (const [socket, into, [here, there]] of [
      [client, back, ['clients', 'servers']],
      [back, client, ['servers', 'clients']],
    ] as const) {
      sockets.push(socket);
      socket.setNoDelay(true).on('error', () => undefined);
      socket.on('data', (bytes: Buffer) => {
        from[here] += bytes.length;
        if (silent) return;
        if (held[there]) held[there].push(() => into.write(bytes));
        else into.write(bytes);
      });
      socket.on('end', () => {
        if (!silent) into.end();
      });
      socket.on('close', () => {
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
    from,
    hold: (side) => {
      held[side] = [];
      return () => {
        for (const deliver of held[side] ?? []) deliver();
        held[side] = undefined;
      };
    },
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
