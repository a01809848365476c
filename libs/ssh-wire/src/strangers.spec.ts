import { SshWriter } from '@sallyport/ssh-keys';
import { describe, expect, it } from 'vitest';
import { loopback } from './loopback.suite.js';
import { Message } from './messages.js';
import { dial, PATIENCE_MS, runCommand, runOnChannel, startShellServer } from './shell-server.fake.js';
import { Transport } from './transport/transport.js';

const { serve, logOn } = loopback();

describe('a server among strangers', () => {
  const stranger = async (port: number): Promise<Transport> =>
    Transport.connect(await dial(port), { ident: 'stranger', handshakeTimeoutMs: PATIENCE_MS });

  it('opens no channel before authentication', async () => {
    const opened: unknown[] = [];
    const port = await serve({
      onChannel: (request) => {
        opened.push(request);
        runOnChannel(request);
      },
    });
    const transport = await stranger(port);
    transport.send(Buffer.from('5a0000000773657373696f6e000000000010000000008000', 'hex')); // channel open "session"
    expect(await transport.closed).toMatchObject({
      message: expect.stringContaining('before authentication') as string,
    });
    expect(opened).toEqual([]);
  });

  // OpenSSH's server answers what is typed without echo with one of these, as long as what was pasted.
  it('D9, D16: takes a message of nearly 256 KiB, and not a longer one', async () => {
    const port = await serve();
    const ignore = (size: number): Buffer => new SshWriter().byte(Message.ignore).string(Buffer.alloc(size)).bytes();
    const transport = await stranger(port);
    const accepted = new Promise<void>((resolve) => {
      transport.receive((type) => {
        if (type === Message.serviceAccept) resolve();
      });
    });
    transport.send(ignore(250_000));
    transport.send(Buffer.from('\x05\0\0\0\x0cssh-userauth', 'latin1'));
    await accepted;
    transport.send(ignore(270_000));
    await transport.closed;
  });

  it('sends a client away that changes its user name', async () => {
    const port = await serve({ decide: () => Promise.resolve({ kind: 'refuse', methods: ['password'] }) });
    const transport = await stranger(port);
    const none = (user: string): Buffer =>
      Buffer.from(`\x32\0\0\0\x03${user}\0\0\0\x0essh-connection\0\0\0\x04none`, 'latin1');
    transport.send(Buffer.from('\x05\0\0\0\x0cssh-userauth', 'latin1'));
    transport.send(none('bob'));
    transport.send(none('eve'));
    expect(await transport.closed).toMatchObject({ message: expect.stringContaining('may not change') as string });
  });

  it.each([
    ['a string of 2^32-1 bytes', '32ffffffff'],
    ['a cut off request', '3200000003626f'],
    ['a message of the connection layer', '50'],
  ])('H7: ends the connection of a client that sends %s, and no other', async (_, packet) => {
    const port = await serve({ decide: () => Promise.resolve({ kind: 'accept' }) });
    const target = await logOn(port);
    const transport = await stranger(port);
    transport.send(Buffer.from(packet, 'hex'));
    expect(await transport.closed).toMatchObject({ kind: 'closed' });
    const result = await runCommand(await target.start().open('session'), 'echo still here');
    expect(result.stdout.toString()).toBe('still here\n');
  });

  it('H7: closes connections that speak no SSH, or nothing at all until the grace time ends', async () => {
    const port = await serve({ server: { loginGraceMs: 100 } });
    for (const text of ['GET / HTTP/1.1\r\n\r\n', '']) {
      const socket = await dial(port);
      const closed = new Promise((resolve) => socket.resume().once('close', resolve));
      socket.write(text);
      await closed;
    }
  });

  it('H3: tells who was on the way when it closed, and cuts off who says nothing', async () => {
    const handedOn: unknown[] = [];
    const server = await startShellServer({
      server: { onRefused: (why) => `refused: ${why}` },
      decide: () => {
        handedOn.push('a client');
        return Promise.resolve({ kind: 'accept' });
      },
    });
    const [late, silent] = [await dial(server.port), await dial(server.port)];
    // What the server says first shows that both were accepted.
    await Promise.all([late, silent].map((socket) => new Promise((resolve) => socket.once('readable', resolve))));
    const cut = new Promise((resolve) => silent.resume().once('close', resolve));
    const closed = server.close();
    const transport = await Transport.connect(late, { ident: 'late', handshakeTimeoutMs: PATIENCE_MS });
    expect(await transport.closed).toMatchObject({ message: expect.stringContaining('refused: draining') as string });
    await cut;
    await closed;
    expect(handedOn).toEqual([]);
  });

  it('H4: spends nothing on a connection while it is overloaded', async () => {
    let overload: 'too-busy' | undefined = 'too-busy';
    const port = await serve({ server: { overload: () => overload, onRefused: (why) => `refused: ${why}` } });
    const refused = Transport.connect(await dial(port), { ident: 'x', handshakeTimeoutMs: PATIENCE_MS });
    await expect(refused).rejects.toThrow('refused: too-busy');
    overload = undefined;
    await logOn(port);
  });

  it('holds only so many connections that are not authenticated', async () => {
    const port = await serve({ server: { maxUnauthenticated: 1 } });
    const first = await stranger(port);
    const second = await dial(port);
    await new Promise((resolve) => second.resume().once('close', resolve));
    first.disconnect(11, '');
  });
});
