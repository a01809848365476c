import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { ListAuthorizationsRoute, UpdateAuthorizationRoute } from '@sallyport/contracts';
import { canRunSshd, freePort, mustRun, tempDir, type RestClient } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from './support/audit.js';
import { readyAccount, startRealHost, type RealHost } from './support/real-host.js';
import { local, signInAs, sshAs } from './support/sallyport.js';

const { ok, ...why } = canRunSshd();

describe.skipIf(!ok)(`forwards, on a real sshd ${JSON.stringify(why)}`, () => {
  let admin: RestClient;
  let auditor: RestClient;
  let host: RealHost;
  let hostId: string;
  let target: string;
  let greeter: Server;
  let port: number;
  beforeAll(async () => {
    [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
    host = await startRealHost([{ name: 'fwd', password: 'first-value' }]);
    ({ hostId, target } = await readyAccount(admin, host, 'fwd', { kind: 'password', password: 'first-value' }));
    // Speaks first, then repeats what it hears.
    greeter = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined).write('ready');
      socket.pipe(socket);
    });
    await once(greeter.listen(0, '127.0.0.1'), 'listening');
    port = (greeter.address() as AddressInfo).port;
  });
  afterAll(async () => {
    greeter.close();
    await host.sshd.stop();
  });

  const permit = async (policy: Record<string, boolean>): Promise<void> => {
    const { items } = await admin.call(ListAuthorizationsRoute, { query: { hostId, limit: 200 } });
    for (const { id: authorizationId } of items)
      await admin.call(UpdateAuthorizationRoute, { params: { authorizationId }, body: { policy } });
  };
  /** `-W`: the client's own input and output, as a connection from the target. */
  const connect = () => sshAs(target, { args: ['-W', `127.0.0.1:${port}`], input: 'hello', logLevel: 'INFO' });
  /** The target says `hi` to a port of its own and prints what comes back. */
  const listen = (remote: number) =>
    sshAs(target, {
      args: ['-R', `${remote}:127.0.0.1:${port}`],
      logLevel: 'INFO',
      command: `(exec 3<>/dev/tcp/127.0.0.1/${remote} && echo hi >&3 && head -c 8 <&3) 2>/dev/null; echo alive`,
    });
  const withAgent = async () => {
    const socket = join(tempDir(), 'agent');
    const started = await mustRun('ssh-agent', ['-s', '-a', socket]);
    const env = { SSH_AUTH_SOCK: socket };
    try {
      await mustRun('ssh-add', ['-q', local.users.alice.privateKeyFile], { env });
      return await sshAs(target, { args: ['-A'], env, command: 'ssh-add -l | cut -c 1-4; echo alive' });
    } finally {
      await mustRun('sh', ['-c', `kill ${/SSH_AGENT_PID=(\d+)/.exec(started)?.[1] ?? ''}`]);
    }
  };
  /** The latest event about what was asked for at this host, by its destination or address. */
  const about = async (name: string, where: string) => {
    const fits = ({ data }: { data: Record<string, unknown> }): boolean =>
      data['destination'] === where || data['address'] === where;
    return (await eventsOf(auditor, name, fits))[0]?.data;
  };

  it('D17, D18: nothing is forwarded by default, and each refusal has its reason, its record, and a session that lives', async () => {
    const refused = await connect();
    expect([refused.code, refused.stdout]).toEqual([255, '']);
    expect(refused.stderr).toMatch(/localForward.*\[policy\.forbidden, id [0-9a-f]{32}\]/);
    expect(await about('forward.refused', `127.0.0.1:${port}`)).toMatchObject({
      ...{ kind: 'direct-tcpip', bytesUp: 0, bytesDown: 0 },
      reason: expect.stringContaining('localForward') as string,
    });
    const remote = await freePort();
    expect(await listen(remote)).toMatchObject({
      ...{ code: 0, stdout: 'alive\n' },
      stderr: expect.stringContaining('remote port forwarding failed') as string,
    });
    expect(await about('listener.refused', `localhost:${remote}`)).toMatchObject({ kind: 'tcpip' });
    expect((await withAgent()).stdout).toBe('alive\n');
    const [agent] = await eventsOf(
      auditor,
      'channel.refused',
      ({ data }) => data['kind'] === 'auth-agent-req@openssh.com',
    );
    expect(agent?.data['reason']).toContain('agent');
  });

  it('D17, D18: what an administrator permits works from the next logon on, on record with both ends and the bytes', async () => {
    await permit({ localForward: true, remoteForward: true, agent: true });
    expect(await connect()).toMatchObject({ code: 0, stdout: 'readyhello' });
    expect(await about('forward.closed', `127.0.0.1:${port}`)).toMatchObject({
      ...{ kind: 'direct-tcpip', bytesUp: 5, bytesDown: 10 },
      origin: expect.stringContaining(':') as string,
    });
    const remote = await freePort();
    expect((await listen(remote)).stdout).toBe('readyhi\nalive\n');
    expect(await about('listener.opened', `localhost:${remote}`)).toMatchObject({ kind: 'tcpip' });
    const [arrived] = await eventsOf(auditor, 'forward.closed', ({ data }) => data['kind'] === 'forwarded-tcpip');
    expect(arrived?.data).toMatchObject({ bytesUp: 8, bytesDown: 3 });
    expect((await withAgent()).stdout).toBe('256 \nalive\n');
    await permit({ localForward: false, remoteForward: false, agent: false });
    expect((await connect()).stderr).toContain('policy.forbidden');
  });

  it('D4: a port where nobody listens is refused with the target’s reason, and has its record', async () => {
    await permit({ localForward: true });
    const nobody = await freePort();
    const failed = await sshAs(target, { args: ['-W', `127.0.0.1:${nobody}`], logLevel: 'INFO' });
    expect([failed.code, failed.stderr]).toEqual([
      255,
      expect.stringMatching(/open failed: connect failed: Connection refused/),
    ]);
    expect(await about('forward.closed', `127.0.0.1:${nobody}`)).toMatchObject({
      openFailure: 2,
      bytesUp: 0,
      bytesDown: 0,
    });
  });
});
