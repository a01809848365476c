import { createHash, randomBytes } from 'node:crypto';
import { SshWriter } from '@sallyport/ssh-keys';
import { readRequest } from '@sallyport/ssh-wire';
import type { Channel, Connection } from '@sallyport/ssh-wire';
import { testSize, waitFor } from '@sallyport/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectAsAlice } from './testing/connect-as-alice.js';
import { startBastion } from './testing/start-bastion.js';
import type { Bastion } from './testing/start-bastion.js';
import { describeStory, storyAt } from './testing/story.js';
import type { Story } from './testing/story.js';

/** What a client does in a channel. The program says `ready` where there is something to send after its start. */
interface Deed {
  readonly command: string;
  /** Columns and rows. */
  readonly terminal?: readonly [number, number];
  readonly env?: readonly [string, string];
  /** Each a packet, or a request. */
  readonly sends?: readonly (Buffer | { readonly name: string; readonly payload: Buffer })[];
  /** How long the client leaves unread what comes. */
  readonly pauseMs?: number;
}

const bulk = randomBytes(testSize('RECORDED_BYTES', 4 * 1024 * 1024));
const binary = Buffer.from(Array.from({ length: 256 * 64 }, (_, i) => i % 256));
const text = Buffer.from('ä€😀 GBK:\xc4\xe3', 'latin1');
const lines = Buffer.from(Array.from({ length: 50_000 }, (_, i) => `line ${String(i).padStart(14)}\n`).join(''));
const size = (columns: number, rows: number): Buffer =>
  new SshWriter().uint32(columns).uint32(rows).uint32(0).uint32(0).bytes();
const resize = (columns: number, rows: number) => ({ name: 'window-change', payload: size(columns, rows) });
const signal = (name: string) => ({ name: 'signal', payload: new SshWriter().string(name).bytes() });
const raw = 'stty raw -echo; echo ready';
const terminal = [80, 24] as const;

const ends = ['exit 0', 'exit 1', 'exit 255', 'kill -TERM $$', 'kill -KILL $$', 'echo x | false', 'no-such-command'];
const deeds: readonly (readonly [string, Deed])[] = [
  ...ends.map((command) => [`D1: ${command}`, { command }] as const),
  ...ends.map((command) => [`D1: ${command}, with a terminal`, { command, terminal }] as const),
  ['D1: the last byte and the status', { command: 'head -c 100000 /dev/zero; echo e >&2; exit 7' }],
  ['D2: two outputs', { command: 'echo out; echo err >&2; exec >&-; echo more >&2' }],
  ['D6: bulk up', { command: `echo ready; head -c ${bulk.length} | sha256sum`, sends: [bulk] }],
  ['D6: bulk down', { command: `seq 1 ${Math.ceil(bulk.length / 7)}` }],
  ['D6: bulk up and down, with a terminal', { command: `${raw}; head -c ${binary.length}`, terminal, sends: [binary] }],
  ['D8: who does not read', { command: `seq 1 ${Math.ceil(bulk.length / 7)}`, pauseMs: 500 }],
  ['D14: a terminal of a size', { command: 'stty size; echo $TERM', terminal: [500, 200] }],
  ['D14: a terminal of no size', { command: 'stty size', terminal: [0, 0] }],
  [
    'D14: a storm of resizes',
    {
      command: `${raw}; read -r line; stty size`,
      terminal,
      sends: [...Array.from({ length: 100 }, (_, i) => resize(80 + i, 24 + i)), resize(132, 50), Buffer.from('\n')],
    },
  ],
  [
    'D15: characters that are cut, and other encodings',
    {
      command: `${raw}; head -c ${text.length}`,
      terminal,
      sends: [...text].map((byte) => Buffer.from([byte])),
    },
  ],
  ['D15: binary output', { command: `echo ready; head -c ${binary.length}`, sends: [binary] }],
  ['D16: what is pasted', { command: `${raw}; head -c ${lines.length} | sha256sum`, terminal, sends: [lines] }],
  [
    'D16: Ctrl-C',
    { command: 'trap "exit 7" INT; stty -echo; echo ready; cat >/dev/null', terminal, sends: [Buffer.from('\x03')] },
  ],
  [
    'D20: a signal and a variable',
    {
      command: 'trap "echo caught $LANG; exit 4" TERM; echo ready; while :; do sleep 0.05; done',
      env: ['LANG', 'xx_YY'],
      sends: [signal('TERM')],
    },
  ],
];

describeStory('what recording must not change', (story) => {
  let without: Bastion;
  beforeAll(async () => {
    without = await startBastion({ recording: false });
  });
  afterAll(async () => {
    for (const { leave } of clients.values()) leave();
    await without.gateway.stop();
  });

  it.each(deeds)('F4, %s: is the same with and without', async (_what, deed) => {
    const [recorded, unrecorded] = [await seen(story, deed), await seen(storyAt(story, without), deed)];
    expect(recorded).toEqual(unrecorded);
    expect(recorded.exits).toHaveLength(1);
    expect(story.bastion.recordings.messages.map(({ part }) => part)).toContain('end');
    expect(without.recordings.messages).toEqual([]);
  });

  it('F4, D5: ten channels of one connection are the same with and without', async () => {
    const commands = Array.from({ length: 10 }, (_, i) => `echo ${i}; seq 1 ${i * 1_000}; exit ${i}`);
    const all = async (at: Story) => {
      const connection = await connectionTo(at);
      return Promise.all(commands.map(async (command) => act(await connection.open('session'), { command })));
    };
    expect(await all(story)).toEqual(await all(storyAt(story, without)));
  });

  it('F4, D7: keys that are exchanged anew are the same with and without', async () => {
    const through = (at: Story) => at.logOn('sha256sum', { input: bulk, args: ['-o', 'RekeyLimit=1M'] });
    const { code, stdout, stderr } = await through(story);
    expect(stdout.slice(0, 64)).toBe(sha256(bulk));
    expect(await through(storyAt(story, without))).toMatchObject({ code, stdout, stderr });
  });
});

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
/** What can be read where it differs, and is not too long for that. */
const shown = (bytes: Buffer): string =>
  bytes.length > 2_000 ? `${bytes.length} bytes, SHA-256 ${sha256(bytes)}` : bytes.toString('latin1');

const clients = new Map<Bastion, Awaited<ReturnType<typeof connectAsAlice>>>();
/** One for all deeds at a bastion. */
async function connectionTo(at: Story): Promise<Connection> {
  const client = clients.get(at.bastion) ?? (await connectAsAlice(at));
  clients.set(at.bastion, client);
  return client.connection;
}

/** What the client sees of it, and what is on record of the channel. */
async function seen(at: Story, deed: Deed) {
  const done = await act(await (await connectionTo(at)).open('session'), deed);
  const closed = await waitFor(() => at.bastion.audit.named('channel.closed')[0], { what: 'the end on record' });
  const own = ['sessionId', 'userId', 'durationMs'];
  const record = Object.fromEntries(Object.entries(closed).filter(([name]) => !own.includes(name)));
  return { ...done, record };
}

async function act(channel: Channel, { command, terminal: columnsAndRows, env, sends = [], pauseMs = 0 }: Deed) {
  if (env)
    await channel.request({
      name: 'env',
      wantReply: true,
      payload: new SshWriter().string(env[0]).string(env[1]).bytes(),
    });
  if (columnsAndRows) {
    const payload = Buffer.concat([new SshWriter().string('xterm').bytes(), size(...columnsAndRows), Buffer.alloc(4)]);
    await channel.request({ name: 'pty-req', wantReply: true, payload });
  }
  const payload = new SshWriter().string(command).bytes();
  expect(await channel.request({ name: 'exec', wantReply: true, payload })).toBe(true);
  const parts = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const exits: ReturnType<typeof readRequest>[] = [];
  let dataAfterExit = false;
  const read = async (): Promise<void> => {
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    for await (const event of channel.incoming()) {
      if (event.kind === 'exit') exits.push(readRequest(event.request));
      if (event.kind !== 'data') continue;
      dataAfterExit ||= exits.length > 0;
      parts[event.stderr ? 'stderr' : 'stdout'].push(event.bytes);
    }
  };
  const reading = read();
  if (sends.length > 0) {
    await waitFor(() => Buffer.concat(parts.stdout).includes('ready'), { what: 'the program' });
    let answered = Promise.resolve(true);
    for (const one of sends)
      if ('payload' in one) answered = channel.request({ name: one.name, payload: one.payload, wantReply: true });
      else {
        // Requests go beside the data: with its answer the last one is at the target.
        await answered;
        await channel.write(one);
      }
  }
  await reading;
  return {
    stdout: shown(Buffer.concat(parts.stdout)),
    stderr: shown(Buffer.concat(parts.stderr)),
    exits,
    dataAfterExit,
  };
}
