import { createHash, randomBytes } from 'node:crypto';
import { PrivateKey, SshWriter, verifySignature } from '@sallyport/ssh-keys';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PACKET_LIMIT_BYTES } from './connection/flow.js';
import { ChannelOpenFailure } from './connection/open-failure.js';
import { Message } from './messages.js';
import {
  connectOver,
  connectTarget,
  dial,
  rsaHostKey,
  runCommand,
  runOnChannel,
  startShellServer,
} from './shell-server.fake.js';
import type { ShellServerOptions } from './shell-server.fake.js';
import type { SshError } from './ssh-error.js';
import { Rekeying } from './transport/rekeying.js';
import { Transport } from './transport/transport.js';
import type { SshTarget, SshTargetOptions } from './upstream.js';
import type { AuthAttempt } from './user-auth/auth-attempt.js';
import type { Credential, NextCredential } from './user-auth/request-user-auth.js';

const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const stop of cleanup.splice(0)) stop();
  vi.restoreAllMocks();
});

async function serve(options: ShellServerOptions = {}): Promise<number> {
  const server = await startShellServer(options);
  cleanup.push(() => {
    server.stop();
  });
  return server.port;
}

const password = (text: string): Credential => ({ method: 'password', password: Buffer.from(text) });
const once =
  (credential: Credential): NextCredential =>
  (refusal) =>
    Promise.resolve(refusal ? undefined : credential);

async function logOn(port: number, options: Partial<SshTargetOptions> = {}): Promise<SshTarget> {
  const target = await connectTarget(port, options);
  cleanup.push(() => {
    target.disconnect(11, 'the test is over');
  });
  await target.authenticate('alice', once(password('x')));
  return target;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('our client and our server', () => {
  it('agree on the session identifier, and on modern algorithms', async () => {
    const seen: Buffer[] = [];
    const port = await serve({
      decide: (_, client) => {
        seen.push(client.sessionId);
        return Promise.resolve({ kind: 'accept' });
      },
    });
    const target = await logOn(port);
    expect(seen[0]?.equals(target.sessionId)).toBe(true);
    expect(target.sessionId).toHaveLength(32);
    expect(target.ident).toBe('Sallyport');
    const transport = await Transport.connect(await dial(port), { ident: 'x', handshakeTimeoutMs: 5_000 });
    expect(transport.algorithms).toEqual({
      kex: 'mlkem768x25519-sha256',
      hostKey: 'rsa-sha2-512',
      sending: 'aes128-gcm@openssh.com',
      receiving: 'aes128-gcm@openssh.com',
    });
    transport.disconnect(11, '');
  });

  it('B13: sends nothing about the user when the host key is refused', async () => {
    const attempts: AuthAttempt[] = [];
    const port = await serve({
      decide: (attempt) => {
        attempts.push(attempt);
        return Promise.resolve({ kind: 'accept' });
      },
    });
    const verifyHostKey = (): Promise<void> => Promise.reject(new Error('not my host'));
    await expect(connectTarget(port, { verifyHostKey })).rejects.toThrow('not my host');
    expect(attempts).toEqual([]);
  });

  it('B4: tries a second password on the same connection', async () => {
    const tried: string[] = [];
    const port = await serve({
      decide: (attempt) => {
        if (attempt.method !== 'password') return Promise.resolve({ kind: 'refuse', methods: ['password'] });
        tried.push(attempt.password.toString());
        const good = attempt.password.toString() === 'new';
        return Promise.resolve(good ? { kind: 'accept' } : { kind: 'refuse', methods: ['password'] });
      },
    });
    const target = await connectTarget(port);
    const refusals: unknown[] = [];
    await target.authenticate('root', (refusal) => {
      refusals.push(refusal);
      return Promise.resolve(password(refusal ? 'new' : 'old'));
    });
    expect(tried).toEqual(['old', 'new']);
    expect(refusals).toEqual([
      undefined,
      { method: 'password', methods: ['password'], partial: false, expired: false },
    ]);
    target.disconnect(11, '');
  });

  it('says so when every credential is refused', async () => {
    const port = await serve({ decide: () => Promise.resolve({ kind: 'refuse', methods: ['password'] }) });
    const target = await connectTarget(port);
    await expect(target.authenticate('root', once(password('x')))).rejects.toMatchObject({ kind: 'refused' });
    target.disconnect(11, '');
  });

  it('says so when the server ends the connection during authentication', async () => {
    const port = await serve({ decide: () => Promise.resolve({ kind: 'disconnect', text: 'go away' }) });
    const target = await connectTarget(port);
    await expect(target.authenticate('root', once(password('x')))).rejects.toMatchObject({
      kind: 'closed',
      message: expect.stringContaining('go away') as string,
    });
  });

  it('hands on evidence that another process can verify', async () => {
    const key = PrivateKey.parse(rsaHostKey());
    const attempts: AuthAttempt[] = [];
    const port = await serve({
      decide: (attempt) => {
        attempts.push(attempt);
        return Promise.resolve({ kind: 'accept' });
      },
    });
    const target = await connectTarget(port);
    const sign = (data: Buffer): Promise<Buffer> => Promise.resolve(key.sign('rsa-sha2-256', data));
    await target.authenticate(
      'alice@root@web-1',
      once({ method: 'publickey', publicKey: key.publicKeyBlob, algorithms: ['rsa-sha2-256'], sign }),
    );
    const [attempt] = attempts;
    if (attempt?.method !== 'publickey') throw new Error('no signature came');
    expect(attempt.signed.subarray(4, 36).equals(target.sessionId)).toBe(true);
    const { algorithm, publicKey: publicKeyBlob, signed: data, signature: signatureBlob } = attempt;
    expect(verifySignature({ algorithm, publicKeyBlob, data, signatureBlob })).toBe(true);
    target.disconnect(11, '');
  });

  it('D4: keeps the reason code of a channel that is not opened', async () => {
    const port = await serve({
      onChannel: (request) => {
        request.refuse(4, 'full');
      },
    });
    const connection = (await logOn(port)).start();
    const failure: unknown = await connection.open('session').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ChannelOpenFailure);
    expect(failure).toMatchObject({ reason: 4, description: 'full' });
  });

  it('limits the channels of one connection', async () => {
    const port = await serve({ connection: { maxChannels: 2 } });
    const connection = (await logOn(port)).start();
    await connection.open('session');
    await connection.open('session');
    await expect(connection.open('session')).rejects.toMatchObject({ reason: 4 });
  });

  it('D2: keeps stdout and stderr apart, passes EOF and the exit status, in this order', async () => {
    const port = await serve();
    const channel = await (await logOn(port)).start().open('session');
    const result = await runCommand(channel, 'cat; echo oops >&2; exit 7', Buffer.from('hello'));
    expect(result.stdout.toString()).toBe('hello');
    expect(result.stderr.toString()).toBe('oops\n');
    expect(result.exit).toEqual([{ kind: 'exit-status', status: 7 }]);
  });

  it('D1: who closed already is told of an exit, until close is answered', async () => {
    const exit = { name: 'exit-status', wantReply: false, payload: Buffer.of(0, 0, 0, 7) };
    const port = await serve({
      onChannel: (request) => {
        const channel = request.accept();
        channel.answerCloseLater();
        void channel.closed.then(async () => {
          expect(await channel.request({ ...exit, wantReply: true })).toBe(false);
          await channel.request(exit);
          channel.close();
        });
      },
    });
    const channel = await (await logOn(port)).start().open('session');
    channel.close();
    const events: unknown[] = [];
    for await (const event of channel.incoming()) events.push(event);
    expect(events).toMatchObject([{ kind: 'exit', request: exit }]);
  });

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
      }, 10_000);
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

  it('D22: gives up a peer that vanished without closing', async () => {
    const gone: (SshError | undefined)[] = [];
    const port = await serve({
      server: { keepalive: { intervalMs: 20, maxMissed: 2 } },
      decide: (_, client) => {
        void client.closed.then((error) => gone.push(error));
        return Promise.resolve({ kind: 'accept' });
      },
    });
    const lively = await logOn(port);
    const socket = await dial(port);
    const vanished = await connectOver(socket);
    await vanished.authenticate('alice', once(password('x')));
    vanished.start();
    const alive = lively.start();
    socket.pause();
    await vi.waitFor(() => {
      expect(gone).toEqual([expect.objectContaining({ kind: 'timeout' })]);
    });
    const result = await runCommand(await alive.open('session'), 'echo alive');
    expect(result.stdout.toString()).toBe('alive\n');
    socket.destroy();
  });

  it('answers requests in order, and keepalives at once', async () => {
    const port = await serve({
      onChannel: (request) => {
        const channel = request.accept();
        void (async () => {
          for await (const { name, reply } of channel.requests()) {
            if (name === 'slow') setImmediate(reply, true);
            else reply(name === 'good');
          }
        })();
      },
    });
    const channel = await (await logOn(port)).start().open('session');
    const ask = (name: string): Promise<boolean> =>
      channel.request({ name, wantReply: true, payload: Buffer.alloc(0) });
    expect(await Promise.all([ask('slow'), ask('bad'), ask('good')])).toEqual([true, false, true]);
    expect(await ask('keepalive@openssh.com')).toBe(false);
  });

  it('ends channels, and what waits on them, with the connection', async () => {
    const port = await serve({ onChannel: (request) => void request.accept() });
    const target = await logOn(port);
    const connection = target.start();
    const channel = await connection.open('session');
    const waiting = channel.request({ name: 'exec', wantReply: true, payload: Buffer.from([0, 0, 0, 0]) });
    const blocked = channel.write(Buffer.alloc(3 * 1024 * 1024));
    target.disconnect(11, 'enough');
    expect(await waiting).toBe(false);
    expect(await blocked).toBe(false);
    for await (const event of channel.incoming()) expect(event).toBeUndefined();
    await expect(connection.open('session')).rejects.toMatchObject({ kind: 'closed' });
    expect(connection.channelCount).toBe(0);
  });
});

describe('a server among strangers', () => {
  const stranger = async (port: number): Promise<Transport> =>
    Transport.connect(await dial(port), { ident: 'stranger', handshakeTimeoutMs: 5_000 });

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
    const transport = await Transport.connect(late, { ident: 'late', handshakeTimeoutMs: 5_000 });
    expect(await transport.closed).toMatchObject({ message: expect.stringContaining('refused: draining') as string });
    await cut;
    await closed;
    expect(handedOn).toEqual([]);
  });

  it('H4: spends nothing on a connection while it is overloaded', async () => {
    let overload: 'too-busy' | undefined = 'too-busy';
    const port = await serve({ server: { overload: () => overload, onRefused: (why) => `refused: ${why}` } });
    const refused = Transport.connect(await dial(port), { ident: 'x', handshakeTimeoutMs: 5_000 });
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
