import { createHash } from 'node:crypto';
import { ProtocolPolicy } from '@sallyport/contracts';
import { bytesOf, hashChunk, readEvent, readHeader } from '@sallyport/recording';
import type { CastEvent } from '@sallyport/recording';
import { SshWriter } from '@sallyport/ssh-keys';
import type { Channel, Connection } from '@sallyport/ssh-wire';
import { testSize, waitFor } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { connectAsAlice } from './testing/connect-as-alice.js';
import { describeStory } from './testing/story.js';

/** Of one transfer. */
const bytes = testSize('TRANSFER_BYTES', 20_000_000);

const size = (columns: number, rows: number): Buffer =>
  new SshWriter().uint32(columns).uint32(rows).uint32(0).uint32(0).bytes();

async function startTerminal(channel: Channel, command: string, columns = 80, rows = 24): Promise<{ out: string }> {
  const shown = { out: '' };
  const read = async (): Promise<void> => {
    for await (const event of channel.incoming()) if (event.kind === 'data') shown.out += event.bytes.toString();
  };
  void read();
  const payload = Buffer.concat([new SshWriter().string('xterm').bytes(), size(columns, rows), Buffer.alloc(4)]);
  expect(await channel.request({ name: 'pty-req', wantReply: true, payload })).toBe(true);
  const exec = { name: 'exec', wantReply: true, payload: new SshWriter().string(command).bytes() };
  expect(await channel.request(exec)).toBe(true);
  return shown;
}

async function start(connection: Connection, command: string): Promise<Channel> {
  const channel = await connection.open('session');
  const exec = { name: 'exec', wantReply: true, payload: new SshWriter().string(command).bytes() };
  expect(await channel.request(exec)).toBe(true);
  return channel;
}

/** To its end, keeping nothing. */
async function readOut(channel: Channel): Promise<void> {
  const incoming = channel.incoming();
  while (!(await incoming.next()).done);
}

describeStory('recordings', (story) => {
  const ended = (channel = 0) =>
    waitFor(
      () =>
        story.bastion.recordings.messages.find((message) => message.channel === channel && message.part === 'end') &&
        story.bastion.audit.named('channel.closed').find((event) => event['channel'] === channel),
      { what: `the end of the recording of channel ${channel}` },
    );
  const linesOf = (channel = 0): string[] =>
    story.bastion.recordings
      .cast(channel)
      .split('\n')
      .filter((line) => line !== '');
  const eventsOf = (channel = 0): CastEvent[] =>
    linesOf(channel)
      .slice(1)
      .flatMap((line) => readEvent(line) ?? []);
  const said = (code: string, channel = 0): string =>
    eventsOf(channel)
      .filter((event) => event.code === code)
      .map(({ data }) => data)
      .join('');

  it('D14: has the terminal’s size, and every resize of a storm, in order', async () => {
    const { connection, leave } = await connectAsAlice(story);
    const channel = await connection.open('session');
    const shown = await startTerminal(channel, 'stty raw -echo; echo ready; read -r line', 100, 30);
    await waitFor(() => shown.out.includes('ready'), { what: 'the program' });
    const sizes = Array.from({ length: 100 }, (_, i) => [80 + i, 24 + i] as const);
    for (const [columns, rows] of sizes)
      void channel.request({ name: 'window-change', wantReply: false, payload: size(columns, rows) });
    // Requests go beside the data: with its answer the last one has passed.
    await channel.request({ name: 'window-change', wantReply: true, payload: size(0, 0) });
    await channel.write(Buffer.from('\n'));
    await channel.closed;
    await ended();
    expect(readHeader(linesOf()[0] ?? '')).toMatchObject({ width: 100, height: 30, env: { TERM: 'xterm' } });
    const resizes = eventsOf().filter(({ code }) => code === 'r');
    expect(resizes.map(({ data }) => data)).toEqual(sizes.map(([columns, rows]) => `${columns}x${rows}`));
    expect(said('m')).toBe('resized to 0x0');
    leave();
  });

  it('D15: has characters that packets cut whole, and the bytes of other encodings exactly', async () => {
    const all = Buffer.concat([Buffer.from('ä€😀 GBK: '), Buffer.from('c4e3bac3', 'hex'), Buffer.from('.')]);
    const octets = [...all].map((byte) => `printf '\\${byte.toString(8).padStart(3, '0')}'; sleep 0.01`).join('; ');
    await story.logOn(`stty raw; ${octets}`, { args: ['-tt'] });
    await ended();
    expect(said('o')).toContain('ä€😀 GBK: ');
    expect(Buffer.concat([...bytesOf(linesOf().slice(1), 'o')])).toEqual(all);
  });

  it('its chunks are in the log, and come to the whole', async () => {
    await story.logOn('head -c 300000 /dev/zero | tr "\\0" x', { args: ['-tt'] });
    await ended();
    const { recordings, audit } = story.bastion;
    const chunks = recordings.messages.filter(({ part }) => part === 'chunk');
    expect(chunks.length).toBeGreaterThan(2);
    const hashes = chunks.map(({ data }) => hashChunk(Buffer.from(data)));
    const whole = createHash('sha256').update(recordings.cast()).digest('base64');
    expect(audit.named('recording.ended')).toMatchObject([
      { channel: 0, firstChunk: 0, chunks: hashes, chunkCount: chunks.length, sha256: whole },
    ]);
    expect(said('o')).toBe('x'.repeat(300_000));
  });

  it.each([
    ['a command beside scp', '-tt', "scp -t /tmp/x 2>/dev/null </dev/null; bash -c 'echo se''en'"],
    ['an interactive shell without a terminal', '-T', 'bash -i'],
    ['a shell that reads commands', '-T', 'sh'],
    ['sh -c', '-T', "sh -c 'echo se''en'"],
    ['a program named like sftp', '-T', "ln -sf /bin/sh sftp-server; exec ./sftp-server -c 'echo se''en'"],
    ['tmux in control mode, or what stands for it', '-T', "exec -a 'tmux -C' bash"],
    ['a shell behind a name that is made up', '-T', "$(printf ba)sh -c 'echo se''en'"],
  ])('F2: sees what %s shows', async (_, flag, command) => {
    const input = flag === '-T' ? { input: "echo se''en\nexit\n" } : {};
    await story.logOn(command, { args: [flag], ...input });
    await ended();
    expect(story.bastion.audit.named('channel.opened')).toMatchObject([{ command }]);
    expect(said('o')).toContain('seen');
  });

  it('F3: scp and another transfer beside a shell leave all three on record, each for itself', async () => {
    await story.host.run('head -c 1000000 /dev/zero > /home/ops/scped');
    const { connection, leave } = await connectAsAlice(story);
    const shell = await connection.open('session');
    const shown = await startTerminal(shell, 'echo hello; read -r line; echo bye');
    await readOut(await start(connection, 'head -c 5000000 /dev/zero'));
    const scp = await start(connection, 'scp -f /home/ops/scped');
    // Whoever copies says that he is ready: for the name, for the bytes, and that he has them.
    await scp.write(Buffer.alloc(3));
    const copied: Buffer[] = [];
    for await (const event of scp.incoming()) if (event.kind === 'data') copied.push(event.bytes);
    expect(Buffer.concat(copied)).toHaveLength('C0644 1000000 scped\n'.length + 1_000_000 + 1);
    await waitFor(() => shown.out.includes('hello'), { what: 'the shell' });
    await shell.write(Buffer.from('\r'));
    await shell.closed;
    await Promise.all([ended(0), ended(1)]);
    expect(said('o', 0)).toMatch(/^hello\r\n\r\nbye\r\n$/);
    expect(said('m', 1)).toBe('5000000 bytes not recorded: a transfer');
    const { recordings, audit } = story.bastion;
    const closed = () => audit.named('channel.closed').some(({ channel }) => channel === 2);
    await waitFor(closed, { what: 'the end of scp' });
    const scped = { path: 'scped', direction: 'download', bytesRead: 1_000_000, ended: 'closed' };
    expect(audit.named('file.closed')).toMatchObject([{ channel: 2, ...scped }]);
    expect(recordings.messages.some(({ channel }) => channel === 2)).toBe(false);
    leave();
  });

  it(
    'F6: of a transfer little is recorded, and nothing of sftp and scp',
    { timeout: 180_000 + bytes / 5_000 },
    async () => {
      const { connection, leave } = await connectAsAlice(story);
      await readOut(await start(connection, `head -c ${bytes} /dev/urandom | base64`));
      await ended();
      leave();
      // The bar is 1 MB for 10 GB.
      expect(story.bastion.recordings.cast().length).toBeLessThan(200_000);
      expect(said('m')).toMatch(/^\d+ bytes not recorded: a transfer$/);
      story.bastion.recordings.messages.length = 0;
      story.bastion.audit.events.length = 0;
      await story.logOn('sftp', { args: ['-s'], input: '' });
      await waitFor(() => story.bastion.audit.named('channel.closed')[0], { what: 'the end of the transfer' });
      expect(story.bastion.recordings.messages).toEqual([]);
    },
  );

  it('F8: what is typed is not recorded by default; and never a password at a prompt unless policy says all', async () => {
    const { asset, recordings, audit } = story.bastion;
    const script = 'read -r one; stty -echo; printf Password:; read -r two; stty echo; echo; read -r three; echo end';
    for (const [recordInput, typed] of [
      ['off', ''],
      ['echoed', 'first\rthird\r'],
      ['all', 'first\rsecret\rthird\r'],
    ] as const) {
      asset.policy = ProtocolPolicy.parse({ recordInput });
      recordings.messages.length = 0;
      audit.events.length = 0;
      const { connection, leave } = await connectAsAlice(story);
      const channel = await connection.open('session');
      const shown = await startTerminal(channel, script);
      for (const [text, seen] of [
        ['first\r', 'Password:'],
        ['secret\r', 'Password:\r\n'],
        ['third\r', 'end'],
      ] as const) {
        await channel.write(Buffer.from(text));
        await waitFor(() => shown.out.includes(seen), { what: seen });
      }
      await channel.closed;
      await ended();
      expect(said('i'), recordInput).toBe(typed);
      expect(said('m'), recordInput).toBe(recordInput === 'echoed' ? 'typed, and not echoed' : '');
      expect(said('o')).not.toContain('secret');
      leave();
    }
  });

  it('F1: nothing starts while nothing can be recorded', async () => {
    story.bastion.recordings.fail();
    for (const args of [['-tt'], ['-T']]) {
      const { code, stderr } = await story.logOn('touch /home/ops/started', { args });
      expect(code).toBe(255);
      expect(stderr).toMatch(/^sallyport: .*\[audit\.unavailable, id \w+\]/);
    }
    expect((await story.host.run('ls /home/ops/started')).code).not.toBe(0);
  });

  it('F1: a session that can be recorded no longer waits for a while, and then ends, with a line and on record', async () => {
    const { recordings, audit, timers } = story.bastion;
    const session = story.logOn('while sleep 0.05; do echo more; done', { args: ['-tt'], logLevel: 'INFO' });
    const opened = await waitFor(() => audit.named('channel.opened')[0], { what: 'the command' });
    recordings.fail();
    const closed = await waitFor(
      () => {
        timers.pass(1_000);
        return audit.named('session.closed').find(({ sessionId }) => sessionId === opened['sessionId']);
      },
      { what: 'the end of the session' },
    );
    const { code, stderr } = await session;
    expect(code).toBe(255);
    expect(stderr).toMatch(/can no longer be recorded, so it has ended.*\[audit\.unavailable, id \w+\]/);
    expect(closed).toMatchObject({ reason: 'audit-unavailable' });
  });
});
