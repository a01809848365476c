import { readdir, readlink } from 'node:fs/promises';
import { fingerprint, PrivateKey } from '@sallyport/ssh-keys';
import { SshServer } from '@sallyport/ssh-wire';
import type { SshClient } from '@sallyport/ssh-wire';
import { makeUserKey, ServerProcess, waitFor } from '@sallyport/testing';
import { beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { describeProcess } from './testing/process-story.js';
import type { SessionProcess } from './testing/session-process.js';
import { startTcpProxy } from './testing/tcp-proxy.js';
import type { TcpProxy } from './testing/tcp-proxy.js';

/** Who is silent is given up after five times this at the latest. */
const SESSION_KEEPALIVE_SECONDS = '2';

describeProcess('whoever vanishes', (story) => {
  let service: SessionProcess;
  let sockets: number;

  const proxyTo = async (port: number): Promise<TcpProxy> => {
    const proxy = await startTcpProxy(() => port);
    onTestFinished(() => {
      proxy.stop();
    });
    return proxy;
  };
  const count = (name: string): number => service.events.filter(({ type }) => type.includes(name)).length;
  const closedBecause = () =>
    service.events.filter(({ type }) => type.includes('session.closed')).map(({ data }) => data['reason']);
  const openSockets = async (): Promise<number> => {
    const folder = `/proc/${service.process.pid}/fd`;
    const links = await Promise.all(
      (await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => 'closed meanwhile')),
    );
    return links.filter((link) => link.startsWith('socket:')).length;
  };
  /**
   * Nothing is left of the sessions: at the target, in the process, in its metrics. Their ends are on record, so that they are
   * not taken for those of the next test.
   */
  const nothingIsLeft = async (sessions: number): Promise<void> => {
    await waitFor(async () => (await openSockets()) <= sockets, { what: 'the sockets to be closed' });
    await waitFor(async () => (await story.host.run('pgrep -f "[s]shd: ops"')).code !== 0, { what: 'the target' });
    await waitFor(async () => (await service.metric('sallyport_session_count')) === 0, { what: 'the metric' });
    expect(await story.logOn(service)).toMatchObject({ code: 0, stdout: 'in\n' });
    await waitFor(() => count('session.closed') === sessions + 1, { what: 'the record of each end' });
  };

  beforeAll(async () => {
    service = await story.start({ SESSION_KEEPALIVE_SECONDS, SESSION_DRAIN_SECONDS: '1' });
    // Once, for what stays open by itself.
    await story.logOn(service);
    await service.allIsOnRecord();
    sockets = await openSockets();
    return () => service.stop();
  });
  beforeEach(() => {
    service.events.length = 0;
  });

  it('D22: a client whose power is gone: its session is closed in the stated time, and half a TCP connection leaves nothing', async () => {
    const proxy = await proxyTo(service.port);
    const client = await story.stay({ ...service, port: proxy.port });
    onTestFinished(() => void client.stop());
    proxy.fallSilent();
    await waitFor(() => closedBecause().length === 1, { what: 'the end', timeoutMs: 60_000 });
    expect(closedBecause()).toEqual(['client-left']);
    expect(client.running).toBe(true);
    await nothingIsLeft(1);
  });

  it('D22: a client that is stopped: likewise, while another session lives on', async () => {
    const [client, other] = [await story.stay(service), await story.stay(service)];
    client.signal('SIGSTOP');
    onTestFinished(() => {
      client.signal('SIGKILL');
    });
    await waitFor(() => closedBecause().length === 1, { what: 'the end', timeoutMs: 60_000 });
    expect(closedBecause()).toEqual(['client-left']);
    other.say('still here\n');
    await waitFor(() => other.lines.includes('still here'), { what: 'the echo' });
    other.say();
    expect((await other.exited).code).toBe(0);
    await nothingIsLeft(2);
  });

  it('D22: a target whose power is gone: the client is told in the same time', async () => {
    const [host] = service.asset.hosts;
    if (!host) throw new Error('there is a host');
    const proxy = await proxyTo(story.host.port);
    host.port = proxy.port;
    onTestFinished(() => {
      host.port = story.host.port;
    });
    const client = await story.stay(service);
    proxy.fallSilent();
    expect((await client.exited).code).toBe(255);
    expect(client.tail()).toMatch(/sallyport: .*\[target\.unreachable, id [0-9a-f]{32}\]/);
    await waitFor(() => closedBecause().length === 1, { what: 'the record' });
    expect(closedBecause()).toEqual(['target-left']);
    proxy.stop();
    host.port = story.host.port;
    await nothingIsLeft(1);
  });

  it('D22: a target that is silent during the logon: the client is told, or is gone first; either way it is left', async () => {
    const clients: SshClient[] = [];
    const { privateKey } = await makeUserKey('ed25519');
    const options = {
      ident: 'silent',
      hostKeys: [privateKey],
      loginGraceMs: 60_000,
      maxUnauthenticated: 10,
      maxUnauthenticatedPerAddress: 10,
      maxFailuresPerMinute: 100,
      keepalive: { intervalMs: 60_000, maxMissed: 3 },
    };
    const silent = await SshServer.listen({ host: '127.0.0.1', port: 0 }, options, (client) => {
      clients.push(client);
      client.authenticate(() => new Promise(() => undefined)).catch(() => undefined);
    });
    onTestFinished(() => silent.close());
    const hostKeys = [fingerprint(PrivateKey.parse(privateKey).publicKeyBlob)];
    service.asset.hosts.push({
      ...{ name: 'silent', address: '127.0.0.1', port: silent.port },
      ...{ hostKeys, account: 'ops', kind: 'password' as const },
    });
    const destination = 'alice@ops@silent@127.0.0.1';
    const { code, stderr } = await story.logOn(service, { destination });
    expect(code).toBe(255);
    expect(stderr).toMatch(/did not answer during the logon \[target\.unreachable, id [0-9a-f]{32}\]/);
    await clients[0]?.closed;

    const [program, ...rest] = story.sshCommand(service);
    const args = [...rest.slice(0, -1), destination, 'true'];
    const impatient = new ServerProcess(program ?? 'ssh', args);
    await waitFor(() => clients.length === 2, { what: 'the second logon' });
    await impatient.stop();
    await clients[1]?.closed;
    await nothingIsLeft(0);
  });
});
