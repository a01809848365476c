import { ServerProcess, waitFor } from '@sallyport/testing';
import { expect, it, onTestFinished } from 'vitest';
import { describeProcess } from './testing/process-story.js';
import type { SessionProcess } from './testing/session-process.js';

describeProcess('the session process, overloaded', (story) => {
  const start = async (environment: Record<string, string>): Promise<SessionProcess> => {
    const service = await story.start(environment);
    onTestFinished(() => service.stop());
    return service;
  };
  /** That what is typed comes back. */
  const works = async (session: ServerProcess, text: string): Promise<void> => {
    session.say(`${text}\n`);
    await waitFor(() => session.lines.includes(text), { what: 'the echo', timeoutMs: 60_000 });
  };
  /** Starts a client again and again, as people do who are told to try in a moment, until it has said the word. */
  const insist = (start: () => ServerProcess, word: string): Promise<ServerProcess> =>
    waitFor(
      async () => {
        const client = start();
        const answered = () => !client.running || client.lines.includes(word);
        await waitFor(answered, { what: 'an answer', timeoutMs: 60_000 });
        return client.running && client;
      },
      { what: `a client to say ${word}`, timeoutMs: 90_000, everyMs: 500 },
    );
  const refused = (service: SessionProcess) =>
    service.events.filter(({ type }) => type.includes('connection.refused')).map(({ data }) => data['reason']);

  it('H4: refuses a session too many with a reason, on record, and leaves those that are there alone', async () => {
    const service = await start({ SESSION_MAX_SESSIONS: '2' });
    const sessions = [await story.stay(service), await story.stay(service)];
    const { code, stderr } = await story.logOn(service, { logLevel: 'INFO' });
    expect(code).toBe(255);
    const id =
      /sallyport: this bastion has as many sessions as it may.*\[service\.overloaded, id ([0-9a-f]{32})\]/.exec(
        stderr,
      )?.[1];
    expect(id).toBeDefined();
    await waitFor(() => refused(service).includes('too-many-sessions'), { what: 'the record' });
    expect(service.events.find(({ type }) => type.includes('connection.refused'))?.traceparent).toContain(id);
    expect(await service.metric('sallyport_session_count')).toBe(2);
    expect(await service.metric('sallyport_connection_refused_total')).toBe(1);
    expect(await service.readiness()).toMatchObject({
      ready: true,
      checks: { capacity: { ok: true, detail: 'refuses new sessions: too-many-sessions' } },
    });
    for (const session of sessions) await works(session, 'still here');
    sessions[0]?.say();
    await waitFor(async () => (await story.logOn(service)).code === 0, { what: 'the place that is free again' });
    sessions[1]?.say();
  });

  it('H4: with more to do than it can, it refuses newcomers until it has caught up; old sessions lose nothing', async () => {
    const service = await start({ SESSION_MAX_DELAY_MS: '10' });
    const [program = '', ...args] = story.sshCommand(service, '-o', 'LogLevel=ERROR');
    const shown = () => new ServerProcess(program, [...args, 'echo here; exec cat'], { stdin: 'pipe' });
    const session = await insist(shown, 'here');
    // Nothing but zeros, once all are in, until it is told that this is enough; what arrives else is printed.
    const wait = 'echo in >&2; until test -e /run/begin; do sleep 0.1; done';
    const zeros = `${wait}; until test -e /run/enough; do head -c 10000000 /dev/zero; done; echo done`;
    const bulk = [program, ...args, zeros].map((word) => `'${word}'`).join(' ');
    const load: ServerProcess[] = [];
    while (load.length < 8) {
      load.push(await insist(() => new ServerProcess('sh', ['-c', `${bulk} | tr -d '\\0'`]), 'in'));
    }
    await story.host.run('touch /run/begin');
    const noticed = async (): Promise<boolean> =>
      (await story.logOn(service, { logLevel: 'INFO' })).stderr.includes('this bastion is too busy');
    await waitFor(noticed, { what: 'a refusal', timeoutMs: 90_000 });
    await works(session, 'busy');
    await story.host.run('touch /run/enough');
    for (const { exited, lines } of load) {
      await exited;
      expect(lines).toEqual(['in', 'done']);
    }
    await waitFor(async () => (await story.logOn(service)).code === 0, { what: 'the end of it', timeoutMs: 90_000 });
    await works(session, 'idle');
    await expect.poll(() => refused(service), { timeout: 30_000 }).toContain('too-busy');
    session.say();
  });

  it('H4: short of memory, it refuses newcomers', async () => {
    // It needs more than this by itself.
    const service = await start({ SESSION_MAX_MEMORY_BYTES: String(20 * 1024 * 1024) });
    const { code, stderr } = await story.logOn(service, { logLevel: 'INFO' });
    expect(code).toBe(255);
    expect(stderr).toMatch(/sallyport: this bastion is short of memory.*\[service\.overloaded, id [0-9a-f]{32}\]/);
  });
});
