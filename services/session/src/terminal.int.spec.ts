import { createHash, randomBytes } from 'node:crypto';
import { SshWriter } from '@sallyport/ssh-keys';
import { readRequest } from '@sallyport/ssh-wire';
import type { Channel, Connection } from '@sallyport/ssh-wire';
import { waitFor } from '@sallyport/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectAsAlice } from './testing/connect-as-alice.js';
import { describeStory } from './testing/story.js';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const CTRL_C = Buffer.from('\x03');
const MEGABYTE = 1_000_000;
/** What two windows of 2 MiB hold, and the pipes of the host. */
const HELD_BYTES = 5 * 1024 * 1024;

describeStory('terminals and slow readers', (story) => {
  let connection: Connection;
  let leave: () => void;
  beforeEach(async () => {
    ({ connection, leave } = await connectAsAlice(story));
  });
  afterEach(() => {
    leave();
  });

  it.each([
    [0, 0],
    [1, 1],
    [500, 200],
  ])('D14: a terminal of %i columns and %i rows has the client’s size', async (columns, rows) => {
    const { output, ended } = await terminal(connection, 'stty size', columns, rows);
    await ended;
    expect(output().toString()).toBe(`${rows} ${columns}\r\n`);
  });

  it('D14: after a storm of resizes, the size is the client’s', async () => {
    const command = 'stty raw -echo; echo ready; read -r line; stty size';
    const { channel, output, ended } = await terminal(connection, command);
    await waitFor(() => output().includes('ready'), { what: 'the program' });
    const sizes = Array.from({ length: 250 }, (_, i) => [80 + i, 24 + i] as const);
    for (const [columns, rows] of [...sizes, [0, 0]] as const) {
      void channel.request({ name: 'window-change', wantReply: false, payload: size(columns, rows) });
    }
    // Requests go beside the data: with its answer the last one is at the target.
    await channel.request({ name: 'window-change', wantReply: true, payload: size(132, 50) });
    await channel.write(Buffer.from('\n'));
    await ended;
    expect(output().toString()).toContain('50 132');
  });

  it('D15: characters that are cut between packets, and binary data, are intact both ways', async () => {
    const text = Buffer.from('ä€😀 GBK:');
    const all = Buffer.concat([text, Buffer.from('c4e3', 'hex'), randomBytes(MEGABYTE)]);
    // The host sends the text byte by byte, and then everything back.
    const octets = [...text].map((byte) => `printf '\\${byte.toString(8).padStart(3, '0')}'; sleep 0.01`).join('; ');
    const { channel, output, ended } = await terminal(connection, `stty raw -echo; ${octets}; head -c ${all.length}`);
    await waitFor(() => output().equals(text), { what: 'the text' });
    for (const byte of all.subarray(0, text.length)) await channel.write(Buffer.from([byte]));
    await channel.write(all.subarray(text.length));
    await ended;
    expect(sha256(output().subarray(text.length))).toBe(sha256(all));
  });

  it('D16: what is pasted keeps its order, and Ctrl-C in the middle of it works at once', async () => {
    const lines = Buffer.from(
      Array.from({ length: MEGABYTE / 20 }, (_, i) => `line ${String(i).padStart(14)}\n`).join(''),
    );
    const pasted = await terminal(connection, `stty raw -echo; echo ready; head -c ${lines.length} | sha256sum`);
    await waitFor(() => pasted.output().includes('ready'), { what: 'the program' });
    await pasted.channel.write(lines);
    await pasted.ended;
    expect(pasted.output().toString()).toContain(sha256(lines));

    const command = 'trap "echo caught; exit 7" INT; stty -echo; echo ready; cat >/dev/null';
    const interrupted = await terminal(connection, command);
    await waitFor(() => interrupted.output().includes('ready'), { what: 'the program' });
    for (const part of [lines.subarray(0, MEGABYTE / 2), CTRL_C, lines.subarray(MEGABYTE / 2)]) {
      void interrupted.channel.write(part);
    }
    expect(await interrupted.ended).toMatchObject({ kind: 'exit-status', status: 7 });
    expect(interrupted.output().toString()).toContain('caught');
  });

  it('D8: who does not read makes the host wait, disturbs nobody, and loses nothing', async () => {
    const slow = await connection.open('session');
    await exec(slow, 'head -c 33554432 /dev/urandom | tee /home/ops/sent');
    const sent = async (): Promise<number> => Number((await story.host.run('stat -c %s /home/ops/sent')).stdout);
    const atRest = await untilStill(sent);
    expect(atRest).toBeLessThan(HELD_BYTES);

    const other = await connectAsAlice(story);
    for (const way of [connection, other.connection]) {
      const channel = await way.open('session');
      const busy = collect(channel);
      await exec(channel, 'head -c 8000000 /dev/zero; echo over');
      await busy.ended;
      expect([busy.output().length, busy.output().subarray(-5).toString()]).toEqual([8_000_005, 'over\n']);
    }
    other.leave();
    expect(await sent()).toBe(atRest);

    const resumed = collect(slow);
    await resumed.ended;
    const there = await story.host.run('sha256sum /home/ops/sent');
    expect(there.stdout.slice(0, 64)).toBe(sha256(resumed.output()));
  });
});

type Exit = ReturnType<typeof readRequest> | undefined;

const size = (columns: number, rows: number): Buffer =>
  new SshWriter().uint32(columns).uint32(rows).uint32(0).uint32(0).bytes();

async function exec(channel: Channel, command: string): Promise<void> {
  const payload = new SshWriter().string(command).bytes();
  expect(await channel.request({ name: 'exec', wantReply: true, payload })).toBe(true);
}

/** A command on a terminal, and what comes of it. */
async function terminal(
  connection: Connection,
  command: string,
  columns = 80,
  rows = 24,
): Promise<{ channel: Channel } & ReturnType<typeof collect>> {
  const channel = await connection.open('session');
  const collected = collect(channel);
  const payload = Buffer.concat([new SshWriter().string('xterm').bytes(), size(columns, rows), Buffer.alloc(4)]);
  expect(await channel.request({ name: 'pty-req', wantReply: true, payload })).toBe(true);
  await exec(channel, command);
  return { channel, ...collected };
}

function collect(channel: Channel): { output: () => Buffer; ended: Promise<Exit> } {
  const parts: Buffer[] = [];
  const read = async (): Promise<Exit> => {
    let exit: Exit;
    for await (const event of channel.incoming()) {
      if (event.kind === 'data') parts.push(event.bytes);
      if (event.kind === 'exit') exit = readRequest(event.request);
    }
    return exit;
  };
  return { output: () => Buffer.concat(parts), ended: read() };
}

/** Waits until a number that grows has stayed the same for twenty looks, which is three seconds or more. */
async function untilStill(look: () => Promise<number>): Promise<number> {
  const seen: number[] = [];
  await waitFor(
    async () => {
      seen.push(await look());
      return seen.length > 20 && seen.slice(-20).every((number) => number > 0 && number === seen.at(-1));
    },
    { what: 'the host to wait', timeoutMs: 90_000, everyMs: 150 },
  );
  return seen.at(-1) ?? 0;
}
