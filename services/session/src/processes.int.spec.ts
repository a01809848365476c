import { readFileSync } from 'node:fs';
import { waitFor } from '@sallyport/testing';
import { expect, it, onTestFinished } from 'vitest';
import { describeProcess } from './testing/process-story.js';

describeProcess('several session processes behind one port', (story) => {
  it('H3, H4, E4: share sessions and limits; one that dies is replaced, and all end and drain as one', async () => {
    const service = await story.start({
      ...{ SESSION_PROCESSES: '2', SESSION_MAX_SESSIONS: '4', SESSION_DRAIN_SECONDS: '600' },
    });
    onTestFinished(() => service.stop());
    const children = (): number[] => {
      const { pid } = service.process;
      return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
    };
    const sessions = await Promise.all([1, 2, 3, 4].map(() => story.stay(service)));
    expect(await service.series('sallyport_session_count')).toEqual([2, 2]);
    const refused = await story.logOn(service, { logLevel: 'INFO' });
    expect(refused.code).toBe(255);
    expect(refused.stderr).toContain('this bastion has as many sessions as it may');

    const before = children();
    expect(before).toHaveLength(2);
    process.kill(before[0] ?? 0, 'SIGKILL');
    await waitFor(() => sessions.filter(({ running }) => running).length === 2, { what: 'the loss of its sessions' });
    const isWhole = async () => (await service.readiness()).ready && children().length === 2;
    await waitFor(isWhole, { what: 'another process', timeoutMs: 60_000 });
    const [survivor, other] = sessions.filter(({ running }) => running);
    survivor?.say('still served\n');
    await waitFor(() => survivor?.lines.includes('still served'), { what: 'the echo' });
    const newcomers = await Promise.all([story.stay(service), story.stay(service)]);
    expect((await service.series('sallyport_session_count')).reduce((sum, count) => sum + count)).toBe(4);
    expect((await story.logOn(service)).code).toBe(255);

    // Each process asks for its own sessions.
    service.asset.ended = { why: 'revoked', text: 'you may not use this host any more' };
    for (const session of [survivor, other, ...newcomers]) expect((await session?.exited)?.code).toBe(255);
    service.asset.ended = undefined;
    const none = async () => (await service.series('sallyport_session_count')).every((count) => count === 0);
    await waitFor(none, { what: 'all places to be free' });

    const [leaver, stayer] = await Promise.all([story.stay(service), story.stay(service)]);
    service.process.signal('SIGTERM');
    await waitFor(async () => !(await service.readiness()).ready, { what: 'the drain' });
    await waitFor(async () => (await story.logOn(service)).code === 255, { what: 'the door to close' });
    leaver.say('to the end\n');
    await waitFor(() => leaver.lines.includes('to the end'), { what: 'the echo' });
    leaver.say();
    expect((await leaver.exited).code).toBe(0);
    expect(stayer.running).toBe(true);
    service.process.signal('SIGTERM');
    expect((await stayer.exited).code).toBe(255);
    expect((await service.process.exited).code).toBe(0);
  });

  it('end with one word when their settings are not good', async () => {
    await expect(story.start({ SESSION_PROCESSES: '2', SESSION_SSH_HOST: '203.0.113.1' })).rejects.toThrow();
  });
});
