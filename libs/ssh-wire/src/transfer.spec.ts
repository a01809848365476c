import { createHash, randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PACKET_LIMIT_BYTES } from './connection/flow.js';
import { loopback, once, password } from './loopback.suite.js';
import { Message } from './messages.js';
import { connectOver, dial, PATIENCE_MS, runCommand } from './shell-server.fake.js';
import type { ShellServerOptions } from './shell-server.fake.js';
import { Rekeying } from './transport/rekeying.js';
import { Transport } from './transport/transport.js';

const { serve, logOn } = loopback();
afterEach(() => vi.restoreAllMocks());

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('our client and our server', () => {
  it.each([
    ['windows of 32 KiB', { connection: { windowBytes: 32_768 } }, {}],
    ['D7: rekeys by the server', { server: { rekeyAfterBytes: 300_000 } }, {}],
    ['D7: rekeys by the client', {}, { rekeyAfterBytes: 300_000 }],
    ['D7: rekeys by both', { server: { rekeyAfterBytes: 250_000 } }, { rekeyAfterBytes: 300_000 }],
  ])('D9: moves 4 MiB there and back with %s', async (what, server: ShellServerOptions, client) => {
    const finished = vi.spyOn(Rekeying.prototype, 'finished');
    const port = await serve(server);
    const connection = (await logOn(port, client)).start({ windowBytes: 65_536 });
    const input = randomBytes(4 * 1024 * 1024);
    const result = await runCommand(await connection.open('session'), 'cat', input);
    expect(sha256(result.stdout)).toBe(sha256(input));
    expect(result.exit).toHaveLength(1);
    // Both ends are here; the first exchange is one as well.
    const exchanges = finished.mock.calls.length / 2;
    if (what.startsWith('D7')) expect(exchanges).toBeGreaterThan(15);
    else expect(exchanges).toBe(1);
  });

  it.each([
    ['one end', 32_768, 32_768],
    ['both ends', 262_144, PACKET_LIMIT_BYTES],
  ])('D9: moves 4 MiB there and back with packets of 256 KiB at %s', async (_, packetBytes, largest) => {
    const sent = vi.spyOn(Transport.prototype, 'send');
    const port = await serve({ connection: { packetBytes } });
    const flow = { packetBytes: 262_144, windowBytes: 8 * 1024 * 1024 };
    const connection = (await logOn(port)).start(flow);
    const input = randomBytes(4 * 1024 * 1024);
    const result = await runCommand(await connection.open('session'), 'cat', input);
    expect(sha256(result.stdout)).toBe(sha256(input));
    const data = (sent.mock.calls as unknown as Uint8Array[][]).filter(([head]) => head?.[0] === Message.channelData);
    expect(Math.max(...data.map(([, bytes]) => bytes?.length ?? 0))).toBe(largest);
  });

  it.each([
    ['the server', { server: { rekeyAfterMs: 20 } }, {}],
    ['the client', {}, { rekeyAfterMs: 20 }],
  ])(
    'D7: an idle connection exchanges keys anew when %s’s have served long enough, and goes on',
    async (_, server, client) => {
      const finished = vi.spyOn(Rekeying.prototype, 'finished');
      const connection = (await logOn(await serve(server), client)).start();
      await vi.waitFor(() => {
        expect(finished.mock.calls.length).toBeGreaterThanOrEqual(6);
      }, PATIENCE_MS);
      const { stdout } = await runCommand(await connection.open('session'), 'echo after');
      expect(stdout.toString()).toBe('after\n');
    },
  );

  it('D8: sends no more than the window to a reader that stops, and loses nothing when it goes on', async () => {
    let sent = 0;
    let finished = false;
    const port = await serve({
      onChannel: (request) => {
        const channel = request.accept();
        void (async () => {
          for (let i = 0; i < 64; i += 1) {
            await channel.write(Buffer.alloc(32_768, i));
            sent += 32_768;
          }
          finished = true;
          channel.close();
        })();
      },
    });
    const connection = (await logOn(port)).start({ windowBytes: 131_072 });
    const slow = await connection.open('session');
    // A second channel that works proves that time has passed for the first one.
    const other = await connection.open('session');
    let bytes = 0;
    for await (const event of other.incoming()) if (event.kind === 'data') bytes += event.bytes.length;
    expect(bytes).toBe(64 * 32_768);
    expect(sent - bytes).toBeLessThanOrEqual(131_072);
    let slowBytes = 0;
    for await (const event of slow.incoming()) if (event.kind === 'data') slowBytes += event.bytes.length;
    expect(slowBytes).toBe(64 * 32_768);
    expect(finished).toBe(true);
  });

  it('D9: holds little in memory for a reader with a window of 2 GiB that stops', async () => {
    let sent = 0;
    const port = await serve({
      onChannel: (request) => {
        if (request.type !== 'session') return;
        const channel = request.accept();
        void (async () => {
          for (let i = 0; i < 2_048 && (await channel.write(Buffer.alloc(32_768))); i += 1) sent += 32_768;
          channel.close();
        })();
      },
    });
    const socket = await dial(port);
    const target = await connectOver(socket);
    await target.authenticate('alice', once(password('x')));
    const channel = await target.start({ windowBytes: 2 ** 31 }).open('session');
    socket.pause();
    // Another client's logon proves that time has passed.
    await logOn(port);
    const whileStopped = sent;
    await logOn(port);
    // What we hold is bounded; the rest of it is in the buffers of two sockets of the kernel.
    expect(sent).toBeLessThan(24 * 1024 * 1024);
    expect(sent - whileStopped).toBeLessThan(2 * 1024 * 1024);
    socket.resume();
    let bytes = 0;
    for await (const event of channel.incoming()) if (event.kind === 'data') bytes += event.bytes.length;
    expect(bytes).toBe(2_048 * 32_768);
    target.disconnect(11, '');
  });
});
