import { SshWriter } from '@sallyport/ssh-keys';
import { testSize } from '@sallyport/testing';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Connection } from './connection/connection.js';
import { Channel } from './connection/channel.js';
import type { ChannelEvent } from './connection/channel-event.js';
import { Message } from './messages.js';
import { connectTarget, dial, PATIENCE_MS, runCommand, runOnChannel, startShellServer } from './shell-server.fake.js';
import type { ShellServerOptions } from './shell-server.fake.js';
import { Transport } from './transport/transport.js';
import { requestUserAuth } from './user-auth/request-user-auth.js';

const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const stop of cleanup.splice(0)) stop();
});

async function serve(options: ShellServerOptions = {}): Promise<number> {
  const server = await startShellServer(options);
  cleanup.push(() => {
    server.stop();
  });
  return server.port;
}

/** A client that can send what it likes. */
async function hostile(port: number, authenticated = true): Promise<Transport> {
  const transport = await Transport.connect(await dial(port), { ident: 'hostile', handshakeTimeoutMs: PATIENCE_MS });
  cleanup.push(() => {
    transport.disconnect(11, '');
  });
  const password = { method: 'password', password: Buffer.from('x') } as const;
  if (authenticated) await requestUserAuth(transport, 'eve', () => Promise.resolve(password), PATIENCE_MS);
  return transport;
}

/** What another client sees of it. */
async function bystander(port: number): Promise<{ works(): Promise<void> }> {
  const target = await connectTarget(port);
  cleanup.push(() => {
    target.disconnect(11, '');
  });
  await target.authenticate('alice', () => Promise.resolve({ method: 'password', password: Buffer.from('x') }));
  const connection = target.start();
  return {
    works: async () => {
      const { stdout } = await runCommand(await connection.open('session'), 'echo unaffected');
      expect(stdout.toString()).toBe('unaffected\n');
    },
  };
}

/** Hears requests, and answers none. */
async function listen(channel: Channel): Promise<void> {
  const requests = channel.requests()[Symbol.asyncIterator]();
  while (!(await requests.next()).done);
}

const request = (channel: number, name: string, wantReply: boolean): Buffer =>
  new SshWriter().byte(Message.channelRequest).uint32(channel).string(name).boolean(wantReply).bytes();

describe('a client that means harm', () => {
  it('H7: begins a key exchange and never finishes it: what waits for it is bounded, and it is given up', async () => {
    let sent = 0;
    let full: () => void = () => undefined;
    const stuck = new Promise<void>((resolve) => (full = resolve));
    const port = await serve({
      server: { rekeyTimeoutMs: 1_500 },
      onChannel: (open) => {
        if (open.type !== 'flood') {
          runOnChannel(open);
          return;
        }
        const channel = open.accept();
        void (async () => {
          while (await channel.write(Buffer.alloc(32_768))) {
            sent += 32_768;
            if (sent >= 64 * 1024 * 1024) full();
          }
          full();
        })();
      },
    });
    const other = await bystander(port);
    const socket = await dial(port);
    const transport = await Transport.connect(socket, { ident: 'hostile', handshakeTimeoutMs: PATIENCE_MS });
    await requestUserAuth(
      transport,
      'eve',
      () => Promise.resolve({ method: 'password', password: Buffer.from('x') }),
      PATIENCE_MS,
    );
    const connection = new Connection(transport, { windowBytes: 2 ** 31 });
    await connection.open('flood');
    transport.rekey();
    // Its answer is read and thrown away, so it waits for ours.
    socket.removeAllListeners('data').resume();
    await stuck;
    await other.works();
    // What was on its way before, and what may wait.
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    await transport.closed;
  });

  it.each([
    ['exits without end', request(0, 'exit-status', false), 'exits again and again'],
    ['asks without waiting for answers', request(0, 'unanswered', true), 'too many'],
    [
      'asks for what wants no answer',
      new SshWriter().byte(Message.globalRequest).string('x').boolean(false).bytes(),
      'too many',
    ],
  ])('H7: %s: it is sent away, and no other', async (_, packet, why) => {
    const port = await serve({
      onChannel: (open) => {
        if (open.type === 'deaf') void listen(open.accept());
        else runOnChannel(open);
      },
      // Nobody answers these.
      connection: { onGlobalRequest: () => undefined },
    });
    const other = await bystander(port);
    const transport = await hostile(port);
    await new Connection(transport).open('deaf');
    for (let i = 0; i < 5_000; i += 1) transport.send(packet);
    expect((await transport.closed)?.message).toContain(why);
    await other.works();
  });

  it('H7: wants packets of one byte: others get their turns meanwhile', async () => {
    const done: string[] = [];
    const port = await serve({
      onChannel: (open) => {
        if (open.type !== 'crumbs') {
          runOnChannel(open);
          return;
        }
        const channel = open.accept();
        void channel.write(Buffer.alloc(300_000)).then(() => done.push('crumbs'));
      },
    });
    const other = await bystander(port);
    const transport = await hostile(port);
    transport.receive(() => undefined);
    const open = new SshWriter()
      .byte(Message.channelOpen)
      .string('crumbs')
      .uint32(0)
      .uint32(2 ** 31)
      .uint32(1);
    transport.send(open.bytes());
    await other.works();
    done.push('the other');
    expect(done[0]).toBe('the other');
  });

  it('H7: opens a channel for packets of no bytes: it is sent away (libssh GHSA-4846-7xwg-pw5m)', async () => {
    const port = await serve();
    const other = await bystander(port);
    const transport = await hostile(port);
    transport.receive(() => undefined);
    transport.send(
      new SshWriter().byte(Message.channelOpen).string('session').uint32(0).uint32(1_000).uint32(0).bytes(),
    );
    expect((await transport.closed)?.message).toContain('must carry packets');
    await other.works();
  });

  it('H7: sends messages of any content, before and after authentication: it is answered or sent away, no other notices', async () => {
    const port = await serve({ server: { maxUnauthenticated: 1_000, maxUnauthenticatedPerAddress: 1_000 } });
    const other = await bystander(port);
    const type = fc.oneof(fc.constantFrom(...Object.values(Message)), fc.nat(255));
    const number = fc.constantFrom(0, 1, 255, 2 ** 31, 2 ** 32 - 1);
    const field = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      number.map((value) => new SshWriter().uint32(value).bytes()),
      fc.constantFrom('session', 'exec', 'publickey', 'ssh-connection', 'alice', 'env', 'tcpip-forward').map((text) => {
        return new SshWriter().string(text).bytes();
      }),
    );
    const message = fc
      .tuple(type, fc.array(field, { maxLength: 6 }))
      .filter(([first]) => first > 49 || (first > 4 && first < 20))
      .map(([first, fields]) => Buffer.concat([Buffer.of(first), ...fields]));
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(message, { maxLength: 30 }), async (authenticated, messages) => {
        const transport = await hostile(port, authenticated);
        transport.receive(() => undefined);
        for (const each of messages) transport.send(each);
        transport.send(Buffer.of(Message.ping, 0, 0, 0, 0));
        transport.disconnect(11, '');
        await transport.closed;
      }),
      { numRuns: testSize('FUZZ_RUNS', 30) },
    );
    await other.works();
  });

  it('H7: sends any bytes instead of a key exchange: it is sent away, no other notices', async () => {
    const port = await serve({ server: { maxFailuresPerMinute: 100_000 } });
    const other = await bystander(port);
    const ident = fc.constantFrom('', 'SSH-2.0-x\r\n', 'SSH-1.5-x\n', `SSH-2.0-${'y'.repeat(5_000)}\r\n`, '\r\n\r\n');
    const head = fc.constantFrom(
      '',
      '00000000',
      'ffffffff',
      '0000000c0a14',
      '000000000a',
      '7fffffff04',
      '0000002c0614',
    );
    const noise = fc.uint8Array({ maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(ident, head, noise, async (first, hex, bytes) => {
        const socket = await dial(port);
        const closed = new Promise((resolve) => socket.on('error', resolve).once('close', resolve));
        socket.resume();
        socket.end(Buffer.concat([Buffer.from(first), Buffer.from(hex, 'hex'), bytes]));
        await closed;
      }),
      { numRuns: testSize('FUZZ_RUNS', 50) },
    );
    await other.works();
  });
});

describe('a channel that is not read', () => {
  it('H7: holds little more than the bytes of a flood of crumbs of both streams, each in order', async () => {
    const transport = { send: () => undefined, open: true, congested: false } as unknown as Transport;
    const ends = { localId: 0, remoteId: 0, localWindowBytes: 2 ** 20, remoteWindowBytes: 0, remotePacketBytes: 1 };
    const channel = new Channel(transport, ends, () => undefined);
    const crumb = (byte: number, stderr: boolean): Buffer => {
      const head = new SshWriter().byte(stderr ? Message.channelExtendedData : Message.channelData).uint32(0);
      return (stderr ? head.uint32(1) : head).string(Buffer.of(byte)).bytes();
    };
    for (let i = 0; i < 50_000; i += 1) {
      for (const stderr of [false, true]) {
        const message = crumb(i % 251, stderr);
        channel.handle(message[0] ?? 0, message);
      }
      // What has no bytes costs nothing.
      const empty = new SshWriter().byte(Message.channelData).uint32(0).string('').bytes();
      channel.handle(Message.channelData, empty);
      channel.handle(Message.channelEof, new SshWriter().byte(Message.channelEof).uint32(0).bytes());
    }
    channel.lose();
    const events: ChannelEvent[] = [];
    for await (const event of channel.incoming()) events.push(event);
    expect(events.length).toBeLessThan(2_000);
    for (const stderr of [false, true]) {
      const parts = events.flatMap((event) => (event.kind === 'data' && event.stderr === stderr ? [event.bytes] : []));
      expect(Buffer.concat(parts).equals(Buffer.from(Array.from({ length: 50_000 }, (_, i) => i % 251)))).toBe(true);
    }
  });
});
