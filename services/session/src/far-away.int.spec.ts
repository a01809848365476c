import { ServerProcess, waitFor } from '@sallyport/testing';
import { expect, it, onTestFinished } from 'vitest';
import { describeStory } from './testing/story.js';
import { startTcpProxy } from './testing/tcp-proxy.js';

const quiet = ['-F', 'none', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'StrictHostKeyChecking=no'];
/** Four times what OpenSSH and ssh2 have. */
const windowBytes = 8 * 1024 * 1024;

describeStory(
  'a client that is far away',
  (story) => {
    // A window of data within one round trip is what throughput of at least window ÷ round trip means, without a clock.
    it('D10: sends a whole window, which is a setting, before any answer is there, and not much more', async () => {
      const proxy = await startTcpProxy(() => story.bastion.port);
      const identity = ['-i', story.userKey.privateKeyFile, '-p', String(proxy.port)];
      const command = 'echo ready; exec wc -c';
      const args = [...quiet, ...identity, 'alice@ops@web-1@127.0.0.1', command];
      const client = new ServerProcess('ssh', args, { stdin: 'pipe' });
      onTestFinished(async () => {
        await client.stop();
        proxy.stop();
      });
      await waitFor(() => client.lines.includes('ready'), { what: 'the session' });

      const letGo = proxy.holdAnswers();
      const before = proxy.fromClients;
      const sent = (): number => proxy.fromClients - before;
      client.say('x'.repeat(3 * windowBytes));
      await waitFor(() => sent() >= windowBytes, { what: 'a window of data on its way' });
      expect(sent()).toBeLessThan(1.1 * windowBytes);
      letGo();
      client.say();
      expect((await client.exited).code).toBe(0);
      expect(client.lines).toContain(String(3 * windowBytes));
    });
  },
  {},
  { flow: { windowBytes } },
);
