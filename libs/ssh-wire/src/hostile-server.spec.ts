import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { testSize } from '@sallyport/testing';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { connectTarget, PATIENCE_MS, startShellServer } from './shell-server.fake.js';
import { SshError } from './ssh-error.js';

const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const stop of cleanup.splice(0)) stop();
});

/** A server that says what it likes. */
async function serve(talk: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).resume();
    talk(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  cleanup.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

const connect = (port: number, handshakeTimeoutMs = PATIENCE_MS): Promise<unknown> =>
  connectTarget(port, { handshakeTimeoutMs }).then(
    () => 'connected',
    (error: unknown) => error,
  );

/** Says the same without end. @returns how many bytes were taken */
function repeat(socket: Socket, bytes: Buffer): () => number {
  const more = (): void => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', more);
  more();
  return () => socket.bytesWritten;
}

describe('a server that means harm', () => {
  it.each([
    ['lines without end before its identification', Buffer.from(`${'welcome '.repeat(20)}\r\n`)],
    ['one line without end', Buffer.from('x'.repeat(1_000))],
    ['noise without end', randomBytes(65_536)],
    ['its identification again and again', Buffer.from('SSH-2.0-x\r\n')],
    ['zeros without end', Buffer.alloc(65_536)],
  ])('H7: sends %s: it is left soon, little of it is read', async (_, bytes) => {
    let taken = (): number => 0;
    const port = await serve((socket) => (taken = repeat(socket, bytes)));
    const error = await connect(port);
    expect(error).toBeInstanceOf(SshError);
    expect(['handshake', 'closed', 'protocol']).toContain((error as SshError).kind);
    // The buffers of two sockets of the kernel included.
    expect(taken()).toBeLessThan(16 * 1024 * 1024);
  });

  it.each([
    ['nothing', ''],
    ['a crumb of a packet', 'SSH-2.0-x\r\n\0\0'],
    ['a line that does not end', 'SSH-2.0-'],
  ])('H7: sends %s and waits: it is left when the time for the key exchange is over', async (_, text) => {
    const port = await serve((socket) => socket.write(text));
    expect(await connect(port, 200)).toMatchObject({ name: 'SshError', kind: 'timeout' });
  });

  it('H7: sends any bytes instead of a key exchange: that is an error of ours, and nothing else', async () => {
    let say = Buffer.alloc(0);
    const port = await serve((socket) => socket.end(say));
    const ident = fc.constantFrom('', 'SSH-2.0-x\r\n', 'hello\r\nSSH-2.0-x\r\n', 'SSH-1.99-x\n', 'SSH-2.0-\u00e4\r\n');
    const head = fc.constantFrom(
      '',
      '00000000',
      'ffffffff',
      '0000000c0a14',
      '7fffffff04',
      '0000002c0614',
      '000000140615',
    );
    await fc.assert(
      fc.asyncProperty(ident, head, fc.uint8Array({ maxLength: 300 }), async (first, hex, bytes) => {
        say = Buffer.concat([Buffer.from(first), Buffer.from(hex, 'hex'), bytes]);
        expect(await connect(port)).toBeInstanceOf(SshError);
      }),
      { numRuns: testSize('FUZZ_RUNS', 50) },
    );
    // We are none the worse for it.
    const good = await startShellServer();
    cleanup.push(() => {
      good.stop();
    });
    expect(await connect(good.port)).toBe('connected');
  });
});
