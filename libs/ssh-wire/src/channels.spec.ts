import { describe, expect, it, vi } from 'vitest';
import { ChannelOpenFailure } from './connection/open-failure.js';
import { loopback, once, password } from './loopback.suite.js';
import { connectOver, dial, PATIENCE_MS, runCommand } from './shell-server.fake.js';
import type { SshError } from './ssh-error.js';

const { serve, logOn } = loopback();

describe('our client and our server', () => {
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
    }, PATIENCE_MS);
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
