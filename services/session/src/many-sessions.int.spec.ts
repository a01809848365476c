import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { SshWriter } from '@sallyport/ssh-keys';
import { testSize, waitFor } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { connectAsAlice } from './testing/connect-as-alice.js';
import { describeProcess } from './testing/process-story.js';
import type { SessionProcess } from './testing/session-process.js';

/**
 * The bar is 100 KB (design, section 8), and `npm run bench -- --parts load --idle 1000` measures it. With so few sessions, what
 * their logons left and nobody collected yet counts for as much again.
 */
const mostKiB = 220;
const atOnce = 8;
/**
 * Beside all the others, as shares of what the same took before they came: only a crowd that really slows others is told from a
 * machine that is busy. Figures are those of `npm run bench -- --parts load`.
 */
const mostOf = { echo: 5, logon: 3 };
/** Below it, what the machine does besides counts for more than what we do. */
const quickEchoMs = 0.5;
/** For garbage of the logons to be collected. */
const settleMs = 3_000;

describeProcess('the session process with many sessions', (story) => {
  it(
    'H1: keeps little memory for a recorded terminal where nobody types, and each still answers; a key and a logon do not wait for them',
    { timeout: 300_000 },
    async () => {
      const sessions = testSize('SESSIONS', 200);
      const service = await story.start({ SESSION_MAX_SESSIONS: String(2 * sessions) });
      try {
        // What the process needs once, for code and pools, is not a session's.
        for (const terminal of await openTerminals(service, Math.ceil(sessions / 2))) terminal.leave();
        const alone = await timesOf(service);
        await pause(settleMs);
        const before = memoryKiB(service);
        const terminals = await openTerminals(service, sessions);
        await pause(settleMs);
        expect((memoryKiB(service) - before) / sessions).toBeLessThan(mostKiB);
        const all = async () => (await service.metric('sallyport_session_count')) === sessions;
        await waitFor(all, { what: 'the sessions of before to be over, and these to be there' });
        const among = await timesOf(service);
        expect(among.echo).toBeLessThan(mostOf.echo * Math.max(alone.echo, quickEchoMs));
        expect(among.logon).toBeLessThan(mostOf.logon * alone.logon);
        for (const [i, terminal] of terminals.entries()) expect(await terminal.echo(`line ${i}`)).toBe(true);
        for (const { leave } of terminals) leave();
      } finally {
        await service.stop();
      }
    },
  );

  /** Medians of a logon with its terminal, and of a line until it is shown again. */
  async function timesOf(service: SessionProcess): Promise<{ logon: number; echo: number }> {
    const [logons, echoes]: [number[], number[]] = [[], []];
    for (let i = 0; i < 5; i += 1) {
      const started = performance.now();
      const terminal = await openTerminal(service);
      logons.push(performance.now() - started);
      for (let key = 0; key < 10; key += 1) {
        const typed = performance.now();
        await terminal.echo(`key ${key}`);
        echoes.push(performance.now() - typed);
      }
      terminal.leave();
    }
    return { logon: median(logons), echo: median(echoes) };
  }

  /** A few at a time. */
  async function openTerminals(service: SessionProcess, count: number): Promise<Terminal[]> {
    const open: Terminal[] = [];
    while (open.length < count) {
      const more = Array.from({ length: Math.min(atOnce, count - open.length) }, () => openTerminal(service));
      open.push(...(await Promise.all(more)));
    }
    return open;
  }

  /** A terminal in which `cat` shows each line again. */
  async function openTerminal({ port }: SessionProcess) {
    const { connection, leave } = await connectAsAlice({ userKey: story.userKey, bastion: { port } });
    const channel = await connection.open('session');
    let shown = '';
    let look = (): void => undefined;
    const read = async (): Promise<void> => {
      for await (const event of channel.incoming()) {
        if (event.kind === 'data') shown += event.bytes.toString();
        look();
      }
    };
    const shows = (text: string): Promise<boolean> =>
      new Promise((resolve) => {
        look = () => {
          if (shown.includes(text)) resolve(true);
        };
        look();
      });
    void read();
    const size = new SshWriter().string('xterm').uint32(80).uint32(24).uint32(0).uint32(0).string('').bytes();
    await channel.request({ name: 'pty-req', wantReply: true, payload: size });
    const command = new SshWriter().string('stty -echo; echo ready; exec cat').bytes();
    await channel.request({ name: 'exec', wantReply: true, payload: command });
    await shows('ready');
    const echo = async (line: string): Promise<boolean> => {
      await channel.write(Buffer.from(`${line}\n`));
      return shows(line);
    };
    return { echo, leave };
  }

  type Terminal = Awaited<ReturnType<typeof openTerminal>>;
});

const median = (times: number[]): number => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

/** Of its own, and its share of what it shares: proc_pid_smaps(5). */
function memoryKiB({ process }: SessionProcess): number {
  const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${process.pid}/smaps_rollup`, 'utf8'));
  return Number(pss?.[1]);
}
