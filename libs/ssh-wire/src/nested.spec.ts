import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { ChannelStream } from './connection/channel-stream.js';
import type { OpenRequest } from './connection/connection.js';
import type { SshClient } from './downstream.js';
import { SshServer } from './downstream.js';
import {
  acceptAnyone,
  connectOver,
  dial,
  keepalive,
  PATIENCE_MS,
  rsaHostKey,
  runCommand,
  runOnChannel,
} from './shell-server.fake.js';
import type { SshTarget } from './upstream.js';

const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const stop of cleanup.splice(0)) stop();
});
const anything = () => Promise.resolve({ method: 'password', password: Buffer.from('x') } as const);

/** A server whose `direct-tcpip` channels lead to itself, and a client of it. */
async function logOn(
  loginGraceMs = PATIENCE_MS,
): Promise<{ outer: SshTarget; inner: SshClient[]; failed: Promise<unknown>[] }> {
  const inner: SshClient[] = [];
  const failed: Promise<unknown>[] = [];
  const limits = { maxUnauthenticated: 5, maxUnauthenticatedPerAddress: 5, maxFailuresPerMinute: 100 };
  const settings = { ident: 'Sallyport', hostKeys: [rsaHostKey()], loginGraceMs, ...limits, keepalive };
  const serve = async (client: SshClient): Promise<void> => {
    await client.authenticate(acceptAnyone);
    client.serve({ onOpen });
  };
  const onOpen = (request: OpenRequest): void => {
    if (request.type === 'session') {
      runOnChannel(request);
      return;
    }
    const accepted = server.accept(new ChannelStream(request.accept()), { remoteAddress: '192.0.2.1' });
    failed.push(
      accepted.then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    void accepted.then(
      (client) => {
        inner.push(client);
        return serve(client);
      },
      () => undefined,
    );
  };
  const server = await SshServer.listen({ host: '127.0.0.1', port: 0 }, settings, (client) => void serve(client));
  cleanup.push(() => {
    void server.close();
  });
  const outer = await connectOver(await dial(server.port));
  cleanup.push(() => {
    outer.disconnect(11, 'the test is over');
  });
  await outer.authenticate('alice', anything);
  return { outer, inner, failed };
}

describe('A3: SSH over a channel of SSH', () => {
  it('carries data both ways whole, also more than the windows hold, and ends with the channel', async () => {
    const { outer, inner } = await logOn();
    const channel = await outer.start({ windowBytes: 65_536 }).open('direct-tcpip');
    const nested = await connectOver(new ChannelStream(channel));
    expect(nested.sessionId.equals(outer.sessionId)).toBe(false);
    expect(nested.hostKey.equals(outer.hostKey)).toBe(true);
    await nested.authenticate('root', anything);
    expect(inner[0]?.remoteAddress).toBe('192.0.2.1');
    const connection = nested.start();
    const input = randomBytes(3 * 1024 * 1024);
    const result = await runCommand(await connection.open('session'), 'cat; exit 3', input);
    expect(result.stdout.equals(input)).toBe(true);
    expect(result.exit).toEqual([{ kind: 'exit-status', status: 3 }]);
    nested.disconnect(11, '');
    await Promise.all([inner[0]?.closed, channel.closed]);
  });

  it('ends with the outer connection', async () => {
    const { outer, inner } = await logOn();
    const nested = await connectOver(new ChannelStream(await outer.start().open('direct-tcpip')));
    await nested.authenticate('root', anything);
    outer.disconnect(11, '');
    await Promise.all([nested.closed, inner[0]?.closed]);
  });

  it('H7: gives up what is no SSH, leaves at once, or is silent; the outer connection lives', async () => {
    const { outer, failed } = await logOn(2_000);
    const connection = outer.start();
    const open = () => connection.open('direct-tcpip');
    const [noise, gone, silent] = [await open(), await open(), await open()];
    await noise.write(randomBytes(200_000));
    gone.close();
    await Promise.all([noise.closed, gone.closed, silent.closed]);
    for (const failure of failed) expect(await failure).toMatchObject({ name: 'SshError' });
    const result = await runCommand(await connection.open('session'), 'echo alive');
    expect(result.stdout.toString()).toBe('alive\n');
  });
});
