import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, NetConnectOpts, Socket } from 'node:net';

/** Says `ready` to whoever connects, then gives back what it gets, and ends when the other side does. */
export async function startEchoServer(at: { path?: string } = {}): Promise<{ port: number; stop(): void }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.write('ready');
    socket.pipe(socket);
  });
  if (at.path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(at.path);
  await once(server, 'listening');
  const port = at.path === undefined ? (server.address() as AddressInfo).port : 0;
  return { port, stop: () => server.close() };
}

/** Connects, says something, and returns all that came back when the other side has ended. */
export async function converse(
  where: NetConnectOpts,
  text: string,
  begin?: (socket: Socket) => Promise<void>,
): Promise<string> {
  const socket = connect({ ...where, allowHalfOpen: true });
  await once(socket, 'connect');
  await begin?.(socket);
  socket.end(text);
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** SOCKS 5 without authentication, to a port of 127.0.0.1 (RFC 1928). */
export function socks(port: number): (socket: Socket) => Promise<void> {
  return async (socket) => {
    socket.write(Buffer.of(5, 1, 0));
    await read(socket, 2);
    socket.write(Buffer.of(5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 255));
    const answer = await read(socket, 10);
    if (answer[1] !== 0) throw new Error(`SOCKS: ${String(answer[1])}`);
  };
}

async function read(socket: Socket, bytes: number): Promise<Buffer> {
  for (;;) {
    const chunk = socket.read(bytes) as Buffer | null;
    if (chunk) return chunk;
    await once(socket, 'readable');
  }
}
