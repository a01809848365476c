import { SshWriter } from '@sallyport/ssh-keys';
import type { Channel } from '@sallyport/ssh-wire';
import { waitFor } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { connectAsAlice } from './testing/connect-as-alice.js';
import { describeStory } from './testing/story.js';

const minute = 60_000;
const terminal = new SshWriter().string('xterm').uint32(80).uint32(24).uint32(0).uint32(0).string('').bytes();

/** What a channel has shown so far. */
async function start(channel: Channel, command: string, withTerminal: boolean) {
  const shown = { out: '', err: '' };
  const read = async (): Promise<void> => {
    for await (const event of channel.incoming())
      if (event.kind === 'data') shown[event.stderr ? 'err' : 'out'] += event.bytes.toString();
  };
  void read();
  if (withTerminal) await channel.request({ name: 'pty-req', wantReply: true, payload: terminal });
  await channel.request({ name: 'exec', wantReply: true, payload: new SshWriter().string(command).bytes() });
  return shown;
}

describeStory('time limits', (story) => {
  const closed = () =>
    waitFor(() => story.bastion.audit.named('session.closed')[0], { what: 'the end of the session on record' });

  it('E1, E3: who sits idle is told why the session ends, and that is on record', async () => {
    const { asset, audit, timers } = story.bastion;
    asset.limits = { idleSeconds: 900 };
    const session = story.logOn('printf ready; exec tail -f /dev/null', { args: ['-tt'] });
    await waitFor(() => audit.named('channel.opened')[0], { what: 'the command to start' });
    timers.pass(14 * minute);
    timers.pass(minute);
    const { code, stderr } = await session;
    expect(code).toBe(255);
    expect(stderr).toMatch(
      /sallyport: nothing was typed or shown for 15 minutes; log on again \[session\.idle, id \w+\]/,
    );
    expect(await closed()).toMatchObject({ reason: 'idle-limit' });
  });

  it('E1, E3: warned before; signs of life and resizes are no activity; what is typed, and what `tail -f` shows, is', async () => {
    const { asset, timers } = story.bastion;
    asset.limits = { idleSeconds: 900 };
    const { connection, leave } = await connectAsAlice(story);
    const echo = await connection.open('session');
    const shown = await start(echo, 'stty -echo; echo ready; while read -r n; do echo "got $n"; done', true);
    await waitFor(() => shown.out.includes('ready'), { what: 'the program' });

    const size = new SshWriter().uint32(100).uint32(30).uint32(0).uint32(0).bytes();
    for (let i = 0; i < 3; i += 1) {
      timers.pass(10 * minute);
      await echo.write(Buffer.from(`${i}\n`));
      await waitFor(() => shown.out.includes(`got ${i}`), { what: 'an answer' });
    }
    expect(shown.err).toBe('');
    timers.pass(14 * minute);
    await waitFor(() => shown.err.includes('ends in 1 minute'), { what: 'the warning' });
    await echo.request({ name: 'keepalive@openssh.com', wantReply: true, payload: Buffer.alloc(0) });
    await echo.request({ name: 'window-change', wantReply: false, payload: size });
    await echo.request({ name: 'keepalive@openssh.com', wantReply: true, payload: Buffer.alloc(0) });
    timers.pass(minute);
    await echo.closed;
    expect(await closed()).toMatchObject({ reason: 'idle-limit' });
    leave();
  });

  it('E1: a log that grows keeps its session', async () => {
    const { asset, audit, timers } = story.bastion;
    asset.limits = { idleSeconds: 60 };
    const { connection, leave } = await connectAsAlice(story);
    const command = 'touch log; (while sleep 0.02; do echo line; done >>log) & exec tail -f log';
    const shown = await start(await connection.open('session'), command, false);
    for (let i = 0; i < 3; i += 1) {
      const before = shown.out.length;
      await waitFor(() => shown.out.length > before, { what: 'another line' });
      timers.pass(50_000);
    }
    expect(audit.named('session.closed')).toEqual([]);
    leave();
    expect(await closed()).toMatchObject({ reason: 'client-left' });
  });

  it('E3: the total time ends a busy session; nothing is written where a program reads', async () => {
    const { asset, timers } = story.bastion;
    asset.limits = { durationSeconds: 3_600 };
    const { connection, leave } = await connectAsAlice(story);
    const cat = await connection.open('session');
    const shown = await start(cat, 'cat', false);
    for (let i = 1; i < 120; i += 1) {
      timers.pass(minute / 2);
      await cat.write(Buffer.from('x'));
      await waitFor(() => shown.out.length === i, { everyMs: 1, what: 'the echo' });
    }
    timers.pass(minute / 2);
    await cat.closed;
    expect(shown).toEqual({ out: 'x'.repeat(119), err: '' });
    expect(await closed()).toMatchObject({ reason: 'duration-limit' });
    leave();
  });
});
