import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { waitFor } from '@sallyport/testing';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { describeProcess } from './testing/process-story.js';
import type { SessionProcess } from './testing/session-process.js';

/** Beyond what it had before. */
const MEMORY_BYTES = 150 * 1024 * 1024;
const LOGIN_GRACE_SECONDS = 10;

/** However it ends: who is sent away while it talks is reset. */
const closed = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.once('close', resolve));

describeProcess('the session process among those who mean harm', (story) => {
  let service: SessionProcess;
  beforeAll(async () => {
    service = await story.start({
      SESSION_LOGIN_GRACE_SECONDS: String(LOGIN_GRACE_SECONDS),
      SESSION_MAX_UNAUTHENTICATED_PER_ADDRESS: '1000',
      SESSION_MAX_UNAUTHENTICATED: '1000',
      SESSION_MAX_FAILURES_PER_MINUTE: '100000',
    });
    return () => service.stop();
  });
  const memory = async (): Promise<number> => (await service.metric('sallyport_session_memory')) ?? NaN;

  /** While somebody is at the target: that one, and the next, notice nothing, and memory is bounded. */
  const unaffected = async (harm: () => Promise<void>): Promise<void> => {
    const session = await story.stay(service);
    const before = await memory();
    await harm();
    session.say('unaffected\n');
    await waitFor(() => session.lines.includes('unaffected'), { what: 'the echo', timeoutMs: 60_000 });
    session.say();
    expect((await session.exited).code).toBe(0);
    expect(await memory()).toBeLessThan(before + MEMORY_BYTES);
    expect(await story.logOn(service)).toMatchObject({ code: 0, stdout: 'in\n' });
    expect(service.process.running).toBe(true);
  };
  /** Says something and waits until it is sent away. */
  const say = async (bytes: Buffer): Promise<void> => {
    const socket = connect(service.port, '127.0.0.1').on('error', () => undefined);
    socket.resume().write(bytes);
    await closed(socket);
  };
  const ident = 'SSH-2.0-x\r\n';
  const packet = (head: string, rest: Buffer): Buffer =>
    Buffer.concat([Buffer.from(ident), Buffer.from(head, 'hex'), rest]);

  it.each([
    ['noise', () => randomBytes(4_096)],
    ['an identification without end', () => Buffer.alloc(100_000, 'S')],
    ['a packet of 2^32-1 bytes', () => packet('ffffffff', randomBytes(1_000))],
    ['a packet of no bytes', () => packet('0000000000', Buffer.alloc(1_000))],
    ['noise as a packet of key exchange', () => packet('000003fc0414', randomBytes(1_018))],
  ])('H7: %s, from a hundred connections', async (_, bytes) => {
    await unaffected(async () => {
      await Promise.all(Array.from({ length: 100 }, () => say(bytes())));
    });
  });

  it('H7: a hundred who say nothing, or a crumb now and then: they are sent away when the login grace time is over', async () => {
    await unaffected(async () => {
      await Promise.all(
        Array.from({ length: 100 }, async (_, i) => {
          const socket = connect(service.port, '127.0.0.1').on('error', () => undefined);
          const crumbs = setInterval(() => socket.write(i % 2 === 0 ? 'S' : ident), 500);
          await closed(socket.resume());
          clearInterval(crumbs);
        }),
      );
    });
    const nobody = async () => (await service.metric('sallyport_connection_unauthenticated')) === 0;
    await waitFor(nobody, { what: 'nobody to be left at the door' });
  });

  it.each([
    ['noise', randomBytes(65_536)],
    ['lines without end before its identification', Buffer.from(`${'welcome '.repeat(100)}\r\n`)],
    ['garbage as a packet of key exchange', packet('000003fc0414', randomBytes(1_018))],
  ])('H7: a target that sends %s', async (_, bytes) => {
    const target = createServer((socket) => {
      socket.on('error', () => undefined).resume();
      const more = (): void => {
        while (!socket.destroyed && socket.write(bytes));
      };
      socket.on('drain', more);
      more();
    });
    await once(target.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void target.close());
    const { port } = target.address() as AddressInfo;
    const host = {
      name: 'hostile',
      address: '127.0.0.1',
      port,
      hostKeys: [],
      account: 'ops',
      kind: 'password' as const,
    };
    service.asset.hosts = [...service.asset.hosts.filter(({ name }) => name !== 'hostile'), host];
    await unaffected(async () => {
      const { code, stderr } = await story.logOn(service, { destination: 'alice@ops@hostile@127.0.0.1' });
      expect(code).toBe(255);
      expect(stderr).toMatch(/sallyport: .*\[target\.(unsupported|unreachable), id [0-9a-f]{32}\]/);
    });
  });
});
