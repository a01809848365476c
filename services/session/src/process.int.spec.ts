import { canRunSshd, makeUserKey, ServerProcess, ssh, startSshd, waitFor } from '@sallyport/testing';
import type { SshdHost, UserKey } from '@sallyport/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSessionProcess } from './testing/session-process.js';
import type { SessionProcess } from './testing/session-process.js';

const able = canRunSshd();
const suite = able.ok ? describe : describe.skip;

suite(`the session process on a real NATS server${able.ok ? '' : ` (skipped: ${able.reason})`}`, () => {
  let host: SshdHost;
  let service: SessionProcess;
  let userKey: UserKey;

  beforeAll(async () => {
    [host, userKey] = await Promise.all([
      startSshd({ accounts: [{ name: 'ops', password: 'host password' }] }),
      makeUserKey('ed25519'),
    ]);
  });
  beforeEach(async () => {
    service = await startSessionProcess({ SESSION_DRAIN_SECONDS: '2' });
    const hostKeys = host.hostKeys.map(({ fingerprint }) => fingerprint);
    const { address, port } = host;
    service.asset.hosts = [{ name: 'web-1', address, port, hostKeys, account: 'ops', kind: 'password' }];
    service.asset.publicKeys = [userKey.publicKey];
    service.broker.values = ['host password'];
    return () => service.stop();
  });
  afterAll(async () => {
    await host.stop();
  });

  const args = ['-F', 'none', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'StrictHostKeyChecking=no'];
  const logOn = (command: string, destination = 'alice@ops@web-1@127.0.0.1') =>
    ssh({ destination, port: service.port, privateKeyFile: userKey.privateKeyFile, command });
  /** A session that prints what it is sent, until it is told to end. */
  const stay = (): ServerProcess =>
    new ServerProcess(
      'ssh',
      [
        ...args,
        '-i',
        userKey.privateKeyFile,
        '-p',
        String(service.port),
        'alice@ops@web-1@127.0.0.1',
        'echo here; exec cat',
      ],
      { stdin: 'pipe' },
    );
  const here = (session: ServerProcess) => waitFor(() => session.lines.includes('here'), { what: 'the session' });

  it('H6: is ready, shows its native crypto, and carries one trace through every request and event', async () => {
    const { checks } = await service.readiness();
    expect(checks).toMatchObject({ nats: { ok: true }, ssh: { ok: true }, nativeCrypto: { ok: true } });
    expect(checks['nativeCrypto']?.detail).toContain('in use');

    expect(await logOn('echo in')).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
    await waitFor(() => service.events.some(({ type }) => type.includes('session.closed')), { what: 'the last event' });
    const traces = [
      ...service.requests.map(({ traceId }) => traceId),
      ...service.events.map(({ traceparent }) => traceparent?.split('-')[1]),
    ];
    expect(traces.length).toBeGreaterThanOrEqual(10);
    expect(new Set(traces).size).toBe(1);
  });

  it('A10, H6: the id in a refusal is the trace id', async () => {
    const { stderr } = await logOn('true', 'alice@ops@nowhere@127.0.0.1');
    const id = /id ([0-9a-f]{32})\]/.exec(stderr)?.[1];
    expect(service.requests.map(({ traceId }) => traceId)).toContain(id);
    await waitFor(() => service.events.some(({ type }) => type.includes('session.refused')), { what: 'the event' });
    expect(service.events.find(({ type }) => type.includes('session.refused'))?.traceparent).toContain(id);
  });

  it('H2: a session lives on while NATS is gone, and the next logon after that works without help', async () => {
    const session = stay();
    await here(session);
    await service.nats.stop();
    expect((await logOn('true')).code).toBe(255);
    expect(session.running).toBe(true);
    await service.nats.restart();
    await service.reconnect();
    await waitFor(async () => (await service.readiness()).ready, { what: 'NATS to be back', timeoutMs: 20_000 });
    expect(await logOn('echo again')).toMatchObject({ code: 0, stdout: 'again\n' });
    expect(session.running).toBe(true);
    await session.stop();
  });

  it('H3: drains: takes no more, lets sessions go on until the deadline, and ends them with a line', async () => {
    const session = stay();
    await here(session);
    service.process.signal('SIGTERM');
    await waitFor(async () => (await logOn('true')).code === 255, { what: 'the door to close' });
    expect(session.running).toBe(true);
    expect((await session.exited).code).toBe(255);
    expect(session.tail()).toMatch(/sallyport: .*service\.unavailable, id [0-9a-f]{32}\]/);
    expect((await service.process.exited).code).toBe(0);
    // Those that knocked until the door was closed have left as they do.
    const closed = service.events.filter(({ type }) => type.includes('session.closed'));
    expect(closed.map(({ data }) => data['reason'])).toContain('drained');
  });

  it('B10: writes neither the user’s nor the host’s password anywhere', async () => {
    const { code } = await ssh({
      destination: 'alice@ops@web-1@127.0.0.1',
      port: service.port,
      password: service.asset.password,
      command: 'true',
    });
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
