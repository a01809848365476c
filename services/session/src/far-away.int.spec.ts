import { SshWriter } from '@sallyport/ssh-keys';
import { ServerProcess, waitFor } from '@sallyport/testing';
import { expect, it, onTestFinished } from 'vitest';
import { connectAsAlice } from './testing/connect-as-alice.js';
import { describeStory } from './testing/story.js';
import { startTcpProxy } from './testing/tcp-proxy.js';

const quiet = ['-F', 'none', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'StrictHostKeyChecking=no'];
/** Four times what OpenSSH and ssh2 have. */
const windowBytes = 8 * 1024 * 1024;
const packetBytes = 65_536;

describeStory(
  'a peer that is far away',
  (story) => {
    // A window of data within one round trip is what throughput of at least window ÷ round trip means, without a clock.
    it('D10: a client sends a whole window, which is a setting, before any answer is there, and not much more', async () => {
      const proxy = await startTcpProxy(() => story.bastion.port);
      const identity = ['-i', story.userKey.privateKeyFile, '-p', String(proxy.port)];
      const command = 'echo ready; exec wc -c';
      const args = ['-vv', ...quiet, ...identity, 'alice@ops@web-1@127.0.0.1', command];
      const client = new ServerProcess('ssh', args, { stdin: 'pipe' });
      onTestFinished(async () => {
        await client.stop();
        proxy.stop();
      });
      await waitFor(() => client.lines.includes('ready'), { what: 'the session' });

      // RFC 4254 section 5.1: what the other end of a channel may send, and in what pieces, is said when it opens.
      const confirmed = () => client.lines.find((line) => line.includes('open confirm rwindow'));
      // It is said on another pipe than what the session shows.
      expect(await waitFor(confirmed, { what: 'the confirmation' })).toContain(
        `open confirm rwindow ${windowBytes} rmax ${packetBytes}`,
      );

      const letGo = proxy.hold('clients');
      const before = proxy.from.clients;
      const sent = (): number => proxy.from.clients - before;
      client.say('x'.repeat(3 * windowBytes));
      await waitFor(() => sent() >= windowBytes, { what: 'a window of data on its way' });
      expect(sent()).toBeLessThan(1.1 * windowBytes);
      letGo();
      client.say();
      expect((await client.exited).code).toBe(0);
      expect(client.lines).toContain(String(3 * windowBytes));
    });

    it('D10: a target sends a whole window before any answer is there, and not much more', async () => {
      const proxy = await startTcpProxy(() => story.host.port);
      onTestFinished(() => {
        proxy.stop();
      });
      story.bastion.asset.hosts = story.bastion.asset.hosts.map((host) => ({ ...host, port: proxy.port }));
      const { connection, leave } = await connectAsAlice(story, { windowBytes: 4 * windowBytes });
      const channel = await connection.open('session');
      const command = `mkfifo go; echo ready; read line <go; exec head -c ${3 * windowBytes} /dev/zero`;
      const payload = new SshWriter().string(command).bytes();
      await channel.request({ name: 'exec', wantReply: true, payload });
      const events = channel.incoming();
      expect((await events.next()).value).toMatchObject({ kind: 'data', bytes: Buffer.from('ready\n') });

      const letGo = proxy.hold('servers');
      const before = proxy.from.servers;
      const sent = (): number => proxy.from.servers - before;
      await story.host.run('echo >/home/ops/go');
      await waitFor(() => sent() >= windowBytes, { what: 'a window of data on its way' });
      expect(sent()).toBeLessThan(1.1 * windowBytes);
      letGo();
      let bytes = 0;
      for await (const event of events) if (event.kind === 'data') bytes += event.bytes.length;
      expect(bytes).toBe(3 * windowBytes);
      leave();
    });
  },
  {},
  { flow: { windowBytes, packetBytes } },
);
