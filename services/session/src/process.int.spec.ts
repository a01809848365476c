import { ServerProcess, waitFor } from '@sallyport/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { describeProcess } from './testing/process-story.js';
import type { SessionProcess } from './testing/session-process.js';

describeProcess('the session process on a real NATS server', (story) => {
  let service: SessionProcess;
  beforeEach(async () => {
    service = await story.start();
    return () => service.stop();
  });
  it('H6: is ready, shows its native crypto, and carries one trace through every request and event', async () => {
    const { checks } = await service.readiness();
    expect(checks).toMatchObject({ nats: { ok: true }, ssh: { ok: true }, nativeCrypto: { ok: true } });
    expect(checks['nativeCrypto']?.detail).toContain('in use');

    expect(await story.logOn(service)).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
    await waitFor(() => service.events.some(({ type }) => type.includes('session.closed')), { what: 'the last event' });
    const traces = [
      ...service.requests.map(({ traceId }) => traceId),
      ...service.events.map(({ traceparent }) => traceparent?.split('-')[1]),
    ];
    expect(traces.length).toBeGreaterThanOrEqual(10);
    expect(new Set(traces).size).toBe(1);
  });

  it('A10, H6: the id in a refusal is the trace id', async () => {
    const { stderr } = await story.logOn(service, { destination: 'alice@ops@nowhere@127.0.0.1' });
    const id = /id ([0-9a-f]{32})\]/.exec(stderr)?.[1];
    expect(service.requests.map(({ traceId }) => traceId)).toContain(id);
    await waitFor(() => service.events.some(({ type }) => type.includes('session.refused')), { what: 'the event' });
    expect(service.events.find(({ type }) => type.includes('session.refused'))?.traceparent).toContain(id);
  });

  it('H2: a session lives on while NATS is gone, and the next logon after that works without help', async () => {
    const session = await story.stay(service);
    await service.nats.stop();
    expect((await story.logOn(service)).code).toBe(255);
    expect(session.running).toBe(true);
    await service.nats.restart();
    await service.reconnect();
    await waitFor(async () => (await service.readiness()).ready, { what: 'NATS to be back', timeoutMs: 60_000 });
    expect(await story.logOn(service)).toMatchObject({ code: 0, stdout: 'in\n' });
    expect(session.running).toBe(true);
    await session.stop();
  });

  it('F1: a session that NATS leaves while it shows something ends, and that is on record once NATS is back', async () => {
    await service.stop();
    service = await story.start({ SESSION_RECORDING_GRACE_SECONDS: '5' });
    const session = story.logOn(service, { command: 'yes', args: ['-tt'], logLevel: 'INFO' });
    const told = (name: string) => () => service.events.find(({ type }) => type === `io.sallyport.${name}.v1`);
    await waitFor(told('channel.opened'), { what: 'the command' });
    await service.nats.stop();
    const { code, stderr } = await session;
    expect(code).toBe(255);
    expect(stderr).toMatch(/can no longer be recorded, so it has ended.*\[audit\.unavailable, id \w+\]/);
    const waits = () => service.process.lines.some((line) => /session\.closed.*waits for the stream/.test(line));
    await waitFor(waits, { what: 'the event to be too late', timeoutMs: 60_000 });
    await service.nats.restart();
    await service.reconnect();
    const closed = await waitFor(told('session.closed'), { what: 'the end of the session', timeoutMs: 60_000 });
    expect(closed.data).toMatchObject({ reason: 'audit-unavailable' });
    expect(await service.metric('sallyport_audit_events_lost_total')).toBeGreaterThan(0);
  });

  it('B10: writes neither the user’s nor the host’s password anywhere', async () => {
    const { password } = service.asset;
    const { code } = await story.logOn(service, { password, args: ['-o', 'PubkeyAuthentication=no'] });
    expect(code).toBe(0);
    await waitFor(() => service.events.some(({ type }) => type.includes('session.closed')), { what: 'the last event' });
    const written = [...service.process.lines, JSON.stringify(service.events)].join('\n');
    expect(written).not.toContain('host password');
    expect(written).not.toContain(service.asset.password);
  });
});

describe('the session process', () => {
  it('names every setting that is wrong, and shows no value', async () => {
    const process_ = new ServerProcess(process.execPath, ['dist/main.js'], { env: { SESSION_SSH_PORT: 'a secret' } });
    expect((await process_.exited).code).toBe(1);
    const said = process_.tail();
    for (const name of ['NATS_URL', 'SESSION_HOST_KEY_ED25519', 'SESSION_SSH_PORT']) expect(said).toContain(name);
    expect(said).not.toContain('a secret');
  });
});
