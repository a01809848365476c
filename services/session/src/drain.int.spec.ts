import { waitFor } from '@sallyport/testing';
import { expect, it, onTestFinished } from 'vitest';
import { describeProcess } from './testing/process-story.js';
import type { SessionProcess } from './testing/session-process.js';

describeProcess('the session process, told to end', (story) => {
  const start = async (drainSeconds: number): Promise<SessionProcess> => {
    const service = await story.start({ SESSION_DRAIN_SECONDS: String(drainSeconds) });
    onTestFinished(() => service.stop());
    return service;
  };
  const closedBecause = (service: SessionProcess) =>
    service.events.filter(({ type }) => type.includes('session.closed')).map(({ data }) => data['reason']);

  it('H3: takes nobody new and is not ready, tells who is there, and ends when the last one has left', async () => {
    const service = await start(600);
    const [terminal, command] = [await story.stay(service, '-tt'), await story.stay(service)];
    service.process.signal('SIGTERM');
    await waitFor(() => terminal.lines.some((line) => line.includes('this session ends in 10 minutes')), {
      what: 'the line',
    });
    expect(await service.readiness()).toMatchObject({
      ready: false,
      checks: { process: { ok: false, detail: 'stopping' }, ssh: { ok: false } },
    });
    await waitFor(async () => (await story.logOn(service)).code === 255, { what: 'the door to close' });
    // What a program reads is left alone.
    command.say('still served\n');
    await waitFor(() => command.lines.includes('still served'), { what: 'the echo' });
    expect(command.lines.join('\n')).not.toContain('restarted');
    expect(service.process.running).toBe(true);
    command.say();
    expect((await command.exited).code).toBe(0);
    terminal.say('\x04');
    expect((await terminal.exited).code).toBe(0);
    expect((await service.process.exited).code).toBe(0);
    await waitFor(() => closedBecause(service).length >= 2, { what: 'the record' });
    expect(closedBecause(service)).not.toContain('drained');
  });

  it('H3: ends the sessions that are left at the deadline, with a line and on record', async () => {
    const service = await start(2);
    const session = await story.stay(service);
    service.process.signal('SIGTERM');
    expect((await session.exited).code).toBe(255);
    expect(session.tail()).toMatch(/sallyport: .*restarted.* \[service\.unavailable, id [0-9a-f]{32}\]/);
    expect((await service.process.exited).code).toBe(0);
    await expect.poll(() => closedBecause(service), { timeout: 30_000 }).toEqual(['drained']);
  });

  it('H3: a second SIGTERM ends the sessions at once, in the same way', async () => {
    const service = await start(600);
    const session = await story.stay(service);
    service.process.signal('SIGTERM');
    await waitFor(async () => !(await service.readiness()).ready, { what: 'the drain' });
    expect(session.running).toBe(true);
    service.process.signal('SIGTERM');
    expect((await session.exited).code).toBe(255);
    expect(session.tail()).toMatch(/sallyport: .*restarted.* \[service\.unavailable, id [0-9a-f]{32}\]/);
    expect((await service.process.exited).code).toBe(0);
    await expect.poll(() => closedBecause(service), { timeout: 30_000 }).toEqual(['drained']);
  });
});
