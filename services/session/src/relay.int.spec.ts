import { createHash, randomBytes } from 'node:crypto';
import { writeFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SshWriter } from '@sallyport/ssh-keys';
import { readRequest } from '@sallyport/ssh-wire';
import type { Channel } from '@sallyport/ssh-wire';
import { mustRun, run, ssh, tempDir, waitFor } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { connectAsAlice } from './testing/connect-as-alice.js';
import { describeStory } from './testing/story.js';
import type { Story } from './testing/story.js';

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The same command straight to the target, as the baseline. */
const direct = ({ host }: Story, command: string, more: Partial<Parameters<typeof ssh>[0]> = {}) =>
  ssh({ destination: `ops@${host.address}`, port: host.port, password: 'host "password" \\ ä', command, ...more });

describeStory('what a user does at the target', (story) => {
  it.each(['exit 0', 'exit 1', 'exit 255', 'kill -TERM $$', 'kill -KILL $$', 'echo x | false', 'no-such-command'])(
    'D1: ends as without the bastion: %s',
    async (command) => {
      const [through, straight] = [await story.logOn(command), await direct(story, command)];
      expect(through.code).toBe(straight.code);
      expect(through.stderr).toBe(straight.stderr);
    },
  );

  it('D1: the exit status never overtakes the last byte', async () => {
    const { connection, leave } = await connectAsAlice(story);
    for (let i = 0; i < 100; i += 1) {
      const channel = await start(await connection.open('session'), `head -c 100000 /dev/zero; echo e >&2; exit ${i}`);
      const kinds: string[] = [];
      let bytes = 0;
      for await (const event of channel.incoming()) {
        if (event.kind === 'data') bytes += event.bytes.length;
        kinds.push(event.kind === 'exit' ? JSON.stringify(readRequest(event.request)) : event.kind);
      }
      expect(bytes).toBe(100_002);
      expect(kinds.filter((kind) => kind.includes('status'))).toEqual([`{"kind":"exit-status","status":${i}}`]);
      expect(kinds.lastIndexOf('data')).toBeLessThan(kinds.findIndex((kind) => kind.includes('status')));
    }
    leave();
  });

  it('D1: a program that ends at once does not end before it has begun', async () => {
    const { connection, leave } = await connectAsAlice(story);
    for (let i = 0; i < 100; i += 1) {
      const exits = await exitsOf(await start(await connection.open('session'), `exit ${i}`));
      expect(exits).toEqual([{ kind: 'exit-status', status: i }]);
    }
    leave();
  });

  it('D1: who closes both ends while the program still runs is told of its exit', async () => {
    const command = 'exec >&- 2>&-; sleep 0.3; exit 3';
    expect([(await direct(story, command)).code, (await story.logOn(command)).code]).toEqual([3, 3]);
  });

  it('D1, D2: passes an exit signal with its name', async () => {
    const { connection, leave } = await connectAsAlice(story);
    const exits = await exitsOf(await start(await connection.open('session'), 'kill -USR1 $$'));
    leave();
    expect(exits).toMatchObject([{ kind: 'exit-signal', signal: 'USR1', coreDumped: false }]);
    const recorded = () => story.bastion.audit.named('channel.closed').some(({ exitSignal }) => exitSignal === 'USR1');
    await waitFor(recorded, { what: 'the record' });
  });

  it('D2: keeps stdout and stderr apart, and passes the end of input on', async () => {
    const result = await story.logOn('cat; echo bad >&2', { input: 'in' });
    expect(result).toMatchObject({ code: 0, stdout: 'in', stderr: 'bad\n' });
  });

  it('D6: carries 16 MiB up and down whole', async () => {
    const input = randomBytes(16 * 1024 * 1024);
    expect((await story.logOn('sha256sum', { input })).stdout.slice(0, 64)).toBe(sha256(input));
    const down = await story.logOn('head -c 16777216 /dev/zero | tr "\\0" B');
    expect(down.stdout).toBe('B'.repeat(16 * 1024 * 1024));
  });

  it('D14: gives a terminal of the client’s type and size', async () => {
    const port = String(story.bastion.port);
    const options = ['-F none', '-o UserKnownHostsFile=/dev/null', '-o StrictHostKeyChecking=no', '-o LogLevel=ERROR'];
    const client = `ssh ${options.join(' ')} -i ${story.userKey.privateKeyFile} -p ${port} -tt alice@ops@web-1@127.0.0.1`;
    const result = await run('script', [
      '-qec',
      `sh -c 'stty rows 40 cols 100; TERM=xterm-256color ${client} "echo \\$TERM; stty size"'`,
      '/dev/null',
    ]);
    expect(
      result.stdout
        .replace(/[\r]|\^@/g, '')
        .trim()
        .split('\n'),
    ).toEqual(['xterm-256color', '40 100']);
  });

  it('D14: passes resizes on, without waiting behind data that nobody reads', async () => {
    const { connection, leave } = await connectAsAlice(story);
    const channel = await connection.open('session');
    const size = (columns: number, rows: number) =>
      new SshWriter().uint32(columns).uint32(rows).uint32(0).uint32(0).bytes();
    const terminal = Buffer.concat([new SshWriter().string('xterm').bytes(), size(80, 24), Buffer.alloc(4)]);
    await channel.request({ name: 'pty-req', wantReply: true, payload: terminal });
    await start(channel, 'stty raw -echo; trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done');
    const output = collect(channel);
    await waitFor(() => output.text.includes('ready'), { what: 'the program' });
    void channel.write(Buffer.alloc(4 * 1024 * 1024));
    await channel.request({ name: 'window-change', wantReply: false, payload: size(132, 50) });
    await waitFor(() => output.text.includes('50 132'), { what: 'the new size' });
    leave();
  });

  it('D20: passes signals and variables that the target accepts', async () => {
    const { connection, leave } = await connectAsAlice(story);
    const channel = await connection.open('session');
    const lang = new SshWriter().string('LANG').string('xx_YY').bytes();
    await channel.request({ name: 'env', wantReply: true, payload: lang });
    await start(channel, 'trap "echo caught $LANG; exit 4" TERM; echo ready; while :; do sleep 0.05; done');
    const output = collect(channel);
    await waitFor(() => output.text.includes('ready'), { what: 'the program' });
    await channel.request({ name: 'signal', wantReply: false, payload: new SshWriter().string('TERM').bytes() });
    await waitFor(() => output.text.includes('caught'), { what: 'the signal' });
    leave();
  });

  it('D4: gives the target’s reason when it opens no further session', async () => {
    const { connection, leave } = await connectAsAlice(story);
    const opened = await Promise.all(Array.from({ length: 10 }, () => connection.open('session')));
    expect(opened).toHaveLength(10);
    await expect(connection.open('session')).rejects.toMatchObject({ reason: 2 });
    opened[0]?.close();
    await opened[0]?.closed;
    leave();
  });

  it('D5: many sessions over one connection to the target; one end ends no other', async () => {
    const args = ['-o', `ControlPath=${join(tempDir(), 'mux')}`, '-o', 'ControlMaster=auto', '-o', 'ControlPersist=30'];
    await story.logOn('true', { args });
    const codes = await Promise.all(
      Array.from({ length: 10 }, async (_, i) => (await story.logOn(`exit ${i}`, { args })).code),
    );
    expect(codes).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (let i = 0; i < 50; i += 1) expect((await story.logOn('echo x', { args })).stdout).toBe('x\n');
    expect(story.bastion.broker.asked).toEqual(['prepare', 'open', 'release']);
    await story.logOn(undefined, { args: [...args, '-O', 'exit'] });
  });

  it('B9: goes on, and opens channels, when asset and broker are gone', async () => {
    const { connection, leave } = await connectAsAlice(story);
    await exitsOf(await start(await connection.open('session'), 'true'));
    story.bastion.asset.hosts = [];
    story.bastion.broker.values = [];
    expect(await exitsOf(await start(await connection.open('session'), 'exit 5'))).toMatchObject([{ status: 5 }]);
    leave();
  });

  it('carries sftp as bytes', async () => {
    const dir = tempDir();
    const content = randomBytes(300_000);
    await writeFile(join(dir, 'up'), content);
    await writeFile(join(dir, 'batch'), `put ${join(dir, 'up')} over\nget over ${join(dir, 'down')}\n`);
    const options = [
      'UserKnownHostsFile=/dev/null',
      'StrictHostKeyChecking=no',
      'BatchMode=yes',
      `IdentityFile=${story.userKey.privateKeyFile}`,
    ];
    const args = ['-F', 'none', ...options.flatMap((option) => ['-o', option]), '-P', String(story.bastion.port)];
    await mustRun('sftp', [...args, '-b', join(dir, 'batch'), 'alice@ops@web-1@127.0.0.1']);
    expect((await readFile(join(dir, 'down'))).equals(content)).toBe(true);
    expect(story.bastion.audit.named('channel.opened')[0]).toMatchObject({ kind: 'sftp' });
  });

  it('refuses a command that cannot be recorded, in one line, and runs nothing', async () => {
    const { connection, leave } = await connectAsAlice(story);
    const channel = await connection.open('session');
    story.bastion.audit.fail();
    await start(channel, 'touch /tmp/sallyport-never');
    const output = collect(channel);
    await output.ended;
    expect(output.text).toMatch(/^sallyport: .* \[audit\.unavailable, id [0-9a-f]{32}\]\n$/);
    expect((await story.host.run('test -e /tmp/sallyport-never')).code).not.toBe(0);
    leave();
  });

  it('D22: says so when the target is gone', async () => {
    const running = story.logOn('echo here; sleep 60', { logLevel: 'INFO' });
    await waitFor(() => story.bastion.audit.named('channel.opened').length === 1, { what: 'the session' });
    await waitFor(async () => (await story.host.run('pkill -9 -f "[s]shd: ops"')).code === 0, { what: 'the kill' });
    const result = await running;
    expect(result.code).toBe(255);
    expect(result.stderr).toMatch(/target\.unreachable, id [0-9a-f]{32}\]/);
    const recorded = () => story.bastion.audit.named('session.closed').some(({ reason }) => reason === 'target-left');
    await waitFor(recorded, { what: 'the record' });
  });

  it('ends the program at the target when the client is gone', async () => {
    const { connection, leave } = await connectAsAlice(story);
    const channel = await start(await connection.open('session'), 'echo ready; exec sleep 987');
    const output = collect(channel);
    await waitFor(() => output.text.includes('ready'), { what: 'the program' });
    leave();
    await waitFor(async () => (await story.host.run('pgrep -f "[s]shd: ops@notty"')).code !== 0, { what: 'its end' });
  });
});

async function start(channel: Channel, command: string): Promise<Channel> {
  // However soon it ends, the answer that it began comes first.
  expect(
    await channel.request({ name: 'exec', wantReply: true, payload: new SshWriter().string(command).bytes() }),
  ).toBe(true);
  return channel;
}

async function exitsOf(channel: Channel): Promise<ReturnType<typeof readRequest>[]> {
  const exits: ReturnType<typeof readRequest>[] = [];
  for await (const event of channel.incoming()) if (event.kind === 'exit') exits.push(readRequest(event.request));
  return exits;
}

function collect(channel: Channel): { text: string; ended: Promise<void> } {
  const output = { text: '', ended: Promise.resolve() };
  const read = async (): Promise<void> => {
    for await (const event of channel.incoming()) if (event.kind === 'data') output.text += event.bytes.toString();
  };
  output.ended = read();
  return output;
}
