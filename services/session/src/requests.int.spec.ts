import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SshWriter } from '@sallyport/ssh-keys';
import { run, ssh, tempDir, waitFor } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { connectAsAlice } from './testing/connect-as-alice.js';
import { describeStory } from './testing/story.js';
import type { Story } from './testing/story.js';

// DEBUG1 names each request that sshd gets.
const sshd = {
  config:
    'LogLevel DEBUG1\nClientAliveInterval 1\nClientAliveCountMax 3\nAcceptEnv LANG LC_* TEST_* SSH_ORIGINAL_COMMAND\n',
};

describeStory(
  'requests beside the data, with OpenSSH at both ends',
  (story) => {
    it('D20: variables pass, and the client says no word more than without the bastion', async () => {
      const knownHostsFile = await knownHosts(story);
      const before = await readFile(knownHostsFile, 'utf8');
      const args = ['SetEnv=TEST_COLOUR=blue', 'SendEnv=LANG', 'UpdateHostKeys=yes'].flatMap((o) => ['-o', o]);
      const more = { args, env: { LANG: 'xx_YY' }, logLevel: 'INFO', knownHostsFile } as const;
      const command = 'echo $TEST_COLOUR $LANG';
      const through = await story.logOn(command, more);
      const { address, port } = story.host;
      const { privateKeyFile } = story.userKey;
      await story.host.setAuthorizedKey('ops', story.userKey.publicKey);
      const straight = await ssh({ destination: `ops@${address}`, port, privateKeyFile, command, ...more });
      expect(straight).toMatchObject({ code: 0, stdout: 'blue xx_YY\n', stderr: '' });
      expect(through).toEqual(straight);
      // sshd offers its other keys (hostkeys-00@openssh.com): of the target's the client must learn none for the bastion.
      const ofBastion = (text: string) => text.split('\n').filter((line) => line.includes(`:${story.bastion.port} `));
      expect(ofBastion(await readFile(knownHostsFile, 'utf8'))).toEqual(ofBastion(before));
    });

    it('a certificate’s command runs instead of whatever is asked for, and is told what that was', async () => {
      story.bastion.asset.restrictions = { terminal: true, forceCommand: 'echo "forced, not $SSH_ORIGINAL_COMMAND"' };
      expect(await story.logOn('id -u')).toMatchObject({ code: 0, stdout: 'forced, not id -u\n' });
      expect(await story.logOn(undefined)).toMatchObject({ code: 0, stdout: 'forced, not \n' });
      expect((await story.logOn(undefined, { args: ['-s'], command: 'sftp' })).stdout).toBe('forced, not \n');
      const started = story.bastion.audit.named('channel.opened').map(({ command }) => command);
      expect(new Set(started)).toEqual(new Set([story.bastion.asset.restrictions.forceCommand]));
      const { policy } = story.bastion.asset;
      story.bastion.asset.policy = { ...policy, exec: false };
      expect(await story.logOn(undefined)).toMatchObject({ code: 255, stdout: '' });
    });

    it('a certificate’s internal-sftp is the subsystem sftp, and nothing else', async () => {
      story.bastion.asset.restrictions = { terminal: true, forceCommand: 'internal-sftp' };
      expect(await story.logOn('touch /tmp/never', { input: '' })).toMatchObject({ stdout: '' });
      expect(story.bastion.audit.named('channel.opened').map(({ kind }) => kind)).toEqual(['sftp']);
    });

    it('a certificate without permit-pty gets no terminal, and all else', async () => {
      story.bastion.asset.restrictions = { terminal: false };
      const forced = await story.logOn('tty', { args: ['-tt'], logLevel: 'INFO' });
      expect(forced.stdout).toBe('');
      expect(forced.stderr).toContain('PTY allocation request failed');
      expect((await story.logOn('tty')).stdout).toBe('not a tty\n');
      story.bastion.asset.restrictions = { terminal: true };
      expect((await story.logOn('tty', { args: ['-tt'] })).stdout).toMatch(/^\/dev\/pts\//);
    });

    it('D20: a break and signals pass', async () => {
      const seen = (what: string) => story.host.log().filter((line) => line.includes(`req ${what}`)).length;
      const before = seen('break');
      // `~B`, as typed at a terminal.
      await story.logOn('head -n 1', { args: ['-tt'], input: '\n~B\n' });
      // The session's process at the host hands its log on.
      await waitFor(() => seen('break') > before, { what: 'the break in the log of the host' });
      expect(seen('break')).toBe(before + 1);
      const { connection, leave } = await connectAsAlice(story);
      const channel = await connection.open('session');
      const request = (name: string, payload: Buffer) => channel.request({ name, wantReply: true, payload });
      const text = (value: string) => new SshWriter().string(value).bytes();
      const command = 'trap "exit 9" USR1; echo ready; while :; do sleep 0.05; done';
      expect(await request('exec', text(command))).toBe(true);
      let status: number | undefined;
      for await (const event of channel.incoming()) {
        if (event.kind === 'data' && !event.stderr) expect(await request('signal', text('USR1'))).toBe(true);
        if (event.kind === 'exit') status = event.request.payload.readUInt32BE(0);
      }
      expect(status).toBe(9);
      leave();
    });

    it('D20: who closes the output ends the program at the target (eow@openssh.com)', async () => {
      const { bastion, userKey } = story;
      const options = ['UserKnownHostsFile=/dev/null', 'StrictHostKeyChecking=no', 'LogLevel=ERROR', 'BatchMode=yes'];
      const client = [
        ...['ssh', '-F', 'none', '-p', String(bastion.port), '-i', userKey.privateKeyFile],
        ...options.flatMap((option) => ['-o', option]),
        ...['alice@ops@web-1@127.0.0.1', 'yes'],
      ];
      // The input stays open: nothing else tells the client to end.
      const fifo = join(tempDir(), 'input');
      const command = `mkfifo ${fifo}; exec 3<>${fifo}; ${client.join(' ')} <${fifo} | head -n 1`;
      expect(await run('bash', ['-c', command])).toMatchObject({ code: 0, stdout: 'y\n', stderr: '' });
    });

    it('D20: who promises to open no more sessions is held to it, and asks nothing of the target', async () => {
      const result = await story.logOn('echo in', { args: ['-v'] });
      expect(result.stdout).toBe('in\n');
      expect(result.stderr).toContain('Requesting no-more-sessions@openssh.com');
      const { connection, leave } = await connectAsAlice(story);
      expect(await connection.request('no-more-sessions@openssh.com')).toMatchObject({ success: true });
      await expect(connection.open('session')).rejects.toMatchObject({ reason: 1 });
      leave();
    });

    it('E2: who is idle is asked, and answers, on both sides and in both directions', async () => {
      const args = ['ServerAliveInterval=1', 'ServerAliveCountMax=3'].flatMap((option) => ['-o', option]);
      const log = join(tempDir(), 'log');
      const session = story.logOn('until test -e go; do sleep 0.05; done; echo alive', {
        args: [...args, '-vvv', '-E', log],
      });
      const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;
      const enough = async (): Promise<boolean> => {
        const [client, host] = [await readFile(log, 'utf8'), story.host.log().join('\n')];
        const counts = [
          // The bastion's answers to the client: REQUEST_FAILURE, as for everything that nobody knows.
          count(client, /receive packet: type 82$/gm),
          // What the bastion asks both: this keeps places in NAT tables.
          count(client, /client_input_global_request: rtype keepalive@openssh\.com want_reply 1/g),
          count(host, /server_input_global_request: rtype keepalive@openssh\.com want_reply 1/g),
        ];
        return counts.every((number) => number >= 5);
      };
      // About one a second, so that whoever gives up after three without an answer would have done so.
      await waitFor(enough, { what: 'five of each', timeoutMs: 60_000 });
      await story.host.run('touch /home/ops/go');
      expect(await session).toMatchObject({ code: 0, stdout: 'alive\n' });
      // Of sshd, which asks once a second.
      expect(story.host.log().join('\n')).not.toContain('Timeout, client not responding');
    });
  },
  sshd,
  { keepalive: { intervalMs: 500, maxMissed: 20 } },
);

/** The bastion's key and the target's. */
async function knownHosts({ bastion, host }: Story): Promise<string> {
  const file = join(tempDir(), 'known_hosts');
  const { stdout } = await run('ssh-keyscan', ['-T', '60', '-t', 'ed25519', '-p', String(bastion.port), '127.0.0.1']);
  const target = host.hostKeys.find(({ type }) => type === 'ed25519')?.publicKey ?? '';
  await writeFile(file, `${stdout}[127.0.0.1]:${host.port} ${target}\n`);
  return file;
}
