import { randomUUID } from 'node:crypto';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ProtocolPolicy } from '@sallyport/contracts';
import { SshReader, SshWriter } from '@sallyport/ssh-keys';
import type { OpenRequest } from '@sallyport/ssh-wire';
import { freePort, mustRun, tempDir, waitFor } from '@sallyport/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectAsAlice } from './testing/connect-as-alice.js';
import { converse, socks, startEchoServer } from './testing/echo-server.js';
import { SshMaster } from './testing/ssh-master.js';
import { describeStory } from './testing/story.js';
import type { Story } from './testing/story.js';

const sshd = { config: 'X11Forwarding yes\nXAuthLocation /bin/true\nMaxSessions 60\n' };
const traced = /\[policy\.forbidden, id [0-9a-f]{32}\]/;

describeStory(
  'what a session forwards',
  (story) => {
    let echo: Awaited<ReturnType<typeof startEchoServer>>;
    beforeAll(async () => {
      echo = await startEchoServer();
    });
    afterAll(() => {
      echo.stop();
    });
    const permit = (policy: object): void => {
      story.bastion.asset.policy = ProtocolPolicy.parse(policy);
    };
    const recorded = (name: string) => story.bastion.audit.named(name);

    it('D17, D3: -L passes data both ways, the server speaking first, with destination and bytes on record', async () => {
      permit({ localForward: true, shell: false });
      const path = join(tempDir(), 'local');
      const master = await SshMaster.connect(story, ['-L', `${path}:127.0.0.1:${echo.port}`]);
      const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => converse({ path }, `hello ${i}`)));
      expect(answers).toEqual(answers.map((_, i) => `readyhello ${i}`));
      await waitFor(() => recorded('forward.closed').length === 20, { what: 'the record' });
      const destination = `127.0.0.1:${echo.port}`;
      expect(recorded('forward.opened')[0]).toMatchObject({ kind: 'direct-tcpip', destination });
      expect(recorded('forward.closed')[0]).toMatchObject({ destination, bytesUp: 7, bytesDown: 12 });
      await master.leave();
      await waitFor(() => recorded('session.closed').length === 1, { what: 'the end' });
      expect(recorded('session.closed')[0]).toMatchObject({ bytesUp: 150, bytesDown: 250 });
    });

    it('D4, D17: a connection that the target cannot make fails with its reason, and is on record as well', async () => {
      permit({ localForward: true });
      const { connection, leave } = await connectAsAlice(story);
      const open = (port: number) =>
        connection.open('direct-tcpip', Buffer.concat([at('127.0.0.1', port), at('::1', 9)]));
      await expect(open(await freePort())).rejects.toMatchObject({ reason: 2, description: 'Connection refused' });
      await waitFor(() => recorded('forward.closed').length === 1, { what: 'the record' });
      expect(recorded('forward.closed')).toMatchObject([{ openFailure: 2, bytesUp: 0, bytesDown: 0 }]);
      leave();
    });

    it('D4, D17: a connection that the client cannot make for -R fails with its reason, and is on record as well', async () => {
      permit({ remoteForward: true });
      const master = await SshMaster.connect(story);
      const port = Number(await master.forward('-R', `0:127.0.0.1:${await freePort()}`));
      // sshd ends such a connection as it likes, but nothing is given back.
      expect(await converse({ host: '127.0.0.1', port }, 'up').catch(() => 'reset')).toMatch(/^(reset)?$/);
      await waitFor(() => recorded('forward.closed').length === 1, { what: 'the record' });
      expect(recorded('forward.closed')).toMatchObject([
        { kind: 'forwarded-tcpip', openFailure: 2, bytesUp: 0, bytesDown: 0 },
      ]);
      await master.leave();
    });

    it('D17: -R passes connections of the target, port 0 included, until it is cancelled', async () => {
      permit({ remoteForward: true });
      const master = await SshMaster.connect(story);
      const port = Number(await master.forward('-R', `0:127.0.0.1:${echo.port}`));
      expect(await converse({ host: '127.0.0.1', port }, 'up')).toBe('readyup');
      await waitFor(() => recorded('forward.closed').length === 1, { what: 'the record' });
      expect(recorded('listener.opened')).toMatchObject([{ kind: 'tcpip', port }]);
      expect(recorded('forward.closed')).toMatchObject([{ kind: 'forwarded-tcpip', bytesUp: 7, bytesDown: 2 }]);
      await master.cancel('-R', `0:127.0.0.1:${echo.port}`);
      // `ssh` does not ask for an answer to it.
      await waitFor(() => recorded('listener.closed').length === 1, { what: 'the end of the listener' });
      expect(recorded('listener.closed')).toMatchObject([{ reason: 'cancelled' }]);
      await expect(converse({ host: '127.0.0.1', port }, 'up')).rejects.toThrow('ECONNREFUSED');
      await master.leave();
    });

    it('D17: sockets are forwarded in both directions', async () => {
      permit({ streamlocal: true });
      // A place that the account at the target may use, too.
      const dir = `/tmp/sallyport-${randomUUID()}`;
      await mkdir(dir);
      await chmod(dir, 0o777);
      const [far, near, back] = ['far', 'near', 'back'].map((name) => join(dir, name)) as [string, string, string];
      const server = await startEchoServer({ path: far });
      await chmod(far, 0o777);
      const master = await SshMaster.connect(story, ['-L', `${near}:${far}`, '-R', `${back}:${far}`]);
      await waitFor(() => recorded('listener.opened').length === 1, { what: 'the listener at the target' });
      expect(await converse({ path: near }, 'to the target')).toBe('readyto the target');
      expect(await converse({ path: back }, 'to the client')).toBe('readyto the client');
      await waitFor(() => recorded('forward.closed').length === 2, { what: 'the record' });
      expect(recorded('forward.opened')).toMatchObject([
        { kind: 'direct-streamlocal', destination: far },
        { kind: 'forwarded-streamlocal', destination: back },
      ]);
      await master.leave();
      server.stop();
      await rm(dir, { recursive: true });
    });

    it('D18: five processes at the target use the agent at once', async () => {
      permit({ agent: true });
      const agent = join(tempDir(), 'agent');
      const started = await mustRun('ssh-agent', ['-s', '-a', agent]);
      try {
        const env = { SSH_AUTH_SOCK: agent };
        await mustRun('ssh-add', ['-q', story.userKey.privateKeyFile], { env });
        const list = 'for i in 1 2 3 4 5; do ssh-add -l & done; wait';
        const result = await story.logOn(list, { args: ['-A'], env });
        expect(result.stdout.match(/SHA256:/g)).toHaveLength(5);
        await waitFor(() => recorded('forward.closed').length === 5, { what: 'the record' });
        expect(recorded('forward.closed').map(({ kind }) => kind)).toEqual(Array(5).fill('agent'));

        permit({});
        const refused = await story.logOn('ssh-add -l', { args: ['-A'], env });
        expect(refused.stdout + refused.stderr).toMatch(/Could not open a connection/);
        expect(recorded('channel.refused')).toMatchObject([{ kind: 'auth-agent-req@openssh.com' }]);
      } finally {
        await mustRun('sh', ['-c', `kill ${/SSH_AGENT_PID=(\d+)/.exec(started)?.[1] ?? ''}`]);
      }
    });

    it('D19: X11 works when it is permitted; a refusal does not end the session', async () => {
      const x11 = Buffer.concat([
        Buffer.of(0),
        new SshWriter().string('MIT-MAGIC-COOKIE-1').string('00112233445566778899aabbccddeeff').uint32(0).bytes(),
      ]);
      const use = 'n=${DISPLAY#*:}; exec 3<>/dev/tcp/127.0.0.1/$((6000 + ${n%.*})); echo draw >&3; head -n 1 <&3';
      for (const permitted of [true, false]) {
        permit({ x11: permitted });
        const { connection, leave } = await connectAsAlice(story, { onOpen: echoOnChannel });
        const channel = await connection.open('session');
        expect(await channel.request({ name: 'x11-req', wantReply: true, payload: x11 })).toBe(permitted);
        const command = new SshWriter().string(permitted ? use : 'echo here').bytes();
        await channel.request({ name: 'exec', wantReply: true, payload: command });
        let text = '';
        for await (const event of channel.incoming()) if (event.kind === 'data') text += event.bytes.toString();
        expect(text).toBe(permitted ? 'draw\n' : 'here\n');
        leave();
      }
      await waitFor(() => recorded('forward.closed').length === 1, { what: 'the record' });
      expect(recorded('forward.closed')).toMatchObject([{ kind: 'x11', bytesUp: 5, bytesDown: 5 }]);
    });

    it('D17: by default nothing is forwarded; each refusal has a line and a record, and the session lives', async () => {
      const master = await SshMaster.connect(story, ['-L', `${join(tempDir(), 'l')}:db.internal:5432`]);
      await expect(master.forward('-R', `0:127.0.0.1:${echo.port}`)).rejects.toThrow(/forwarding failed/);
      expect(await master.run('echo alive')).toMatchObject({ code: 0, stdout: 'alive\n' });
      await master.leave();
      const { connection, leave } = await connectAsAlice(story);
      const tcp = Buffer.concat([at('127.0.0.1', echo.port), at('127.0.0.1', 9)]);
      const refusal = connection.open('direct-tcpip', tcp);
      await expect(refusal).rejects.toMatchObject({ reason: 1, description: expect.stringMatching(traced) as string });
      leave();
      expect(recorded('listener.refused')).toHaveLength(1);
      expect(recorded('forward.refused')).toMatchObject([{ destination: `127.0.0.1:${echo.port}` }]);
    });

    it('A3, D17: -W and -J through a target are refused with what to type instead', async () => {
      const result = await story.logOn(undefined, { args: ['-W', 'db-1:22'], logLevel: 'INFO' });
      expect(result.code).toBe(255);
      expect(result.stderr).toMatch(traced);
      expect(result.stderr).toContain('ssh -J USER@THIS-BASTION ACCOUNT@db-1');
    });

    it('A1: works as VS Code works: a script on stdin, then many connections through -D', async () => {
      permit({ localForward: true });
      const port = await freePort();
      const master = await SshMaster.connect(story, ['-D', `127.0.0.1:${port}`]);
      const script = `cd /tmp\nwc -c <<'END'\n${'x'.repeat(299_999)}\nEND\necho done\n`;
      const installed = await master.run('bash', { input: script });
      expect(installed).toMatchObject({ code: 0, stdout: '300000\ndone\n' });
      const proxied = (i: number) => converse({ host: '127.0.0.1', port }, `request ${i}`, socks(echo.port));
      const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => proxied(i)));
      expect(answers).toEqual(answers.map((_, i) => `readyrequest ${i}`));
      await master.leave();
    });

    it.each([
      ['shell', undefined],
      ['exec', 'true'],
    ] as const)('refuses %s in one line when its switch is off, and nothing else', async (name, command) => {
      permit({ [name]: false });
      const result = await story.logOn(command, { input: 'exit 0\n' });
      expect(result).toMatchObject({ code: 255, stdout: '' });
      expect(result.stderr).toMatch(new RegExp(String.raw`^sallyport: .*\(${name}\) ${traced.source}\n$`));
      expect(recorded('channel.refused')).toMatchObject([{ kind: name }]);
      expect(recorded('channel.opened')).toEqual([]);
      await waitFor(() => recorded('channel.closed').length === 1, { what: 'the record' });
      expect(recorded('channel.closed')).toMatchObject([{ bytesUp: 0, bytesDown: 0 }]);
      const other = await story.logOn(name === 'shell' ? 'exit 3' : undefined, { input: 'exit 3\n' });
      expect(other.code).toBe(3);
    });

    it('D13: refuses sftp and legacy scp, each apart', async () => {
      const copy = (...args: string[]) => copyWith(story, args);
      permit({ sftp: false });
      await expect(copy()).rejects.toThrow(/\(sftp\) \[policy\.forbidden/);
      await copy('-O');
      permit({ scp: false });
      await expect(copy('-O')).rejects.toThrow(/\(scp\) \[policy\.forbidden/);
      await copy();
    });
  },
  sshd,
);

const strict = {
  config: 'MaxSessions 1\nAllowTcpForwarding no\nAllowStreamLocalForwarding no\nAllowAgentForwarding no\n',
};
describeStory(
  'what a host refuses of itself',
  (story) => {
    it('D4: is refused with the same reason code as without the bastion, of every kind, and the session lives', async () => {
      const { asset } = story.bastion;
      asset.policy = ProtocolPolicy.parse({ localForward: true, remoteForward: true, streamlocal: true, agent: true });
      await story.host.setAuthorizedKey('ops', story.userKey.publicKey);
      const reasons = async (port: number, userName: string): Promise<unknown[]> => {
        const { connection, leave } = await connectAsAlice({ ...story, bastion: { port } }, {}, userName);
        const session = await connection.open('session');
        const open = (type: string, payload?: Buffer) =>
          connection.open(type, payload).then(
            () => 'opened',
            (error: unknown) => (error as { reason: number }).reason,
          );
        const tcp = Buffer.concat([at('127.0.0.1', port), at('127.0.0.1', 9)]);
        const socket = new SshWriter().string('/run/none').string('').uint32(0).bytes();
        const listen = (name: string, place: Buffer) => connection.request(name, place).then(({ success }) => success);
        const all = [
          await open('session'),
          await open('direct-tcpip', tcp),
          await open('direct-streamlocal@openssh.com', socket),
          await listen('tcpip-forward', at('127.0.0.1', 0)),
          await listen('streamlocal-forward@openssh.com', new SshWriter().string('/tmp/none').bytes()),
          await session.request({ name: 'auth-agent-req@openssh.com', wantReply: true, payload: Buffer.alloc(0) }),
          await session.request({ name: 'exec', wantReply: true, payload: new SshWriter().string('true').bytes() }),
        ];
        leave();
        return all;
      };
      const direct = await reasons(story.host.port, 'ops');
      expect(direct).toEqual([2, 1, 2, false, false, false, true]);
      expect(await reasons(story.bastion.port, 'alice@ops@web-1')).toEqual(direct);
      const { audit } = story.bastion;
      await waitFor(() => audit.named('forward.closed').length === 2, { what: 'the record' });
      expect(audit.named('forward.closed').map(({ openFailure }) => openFailure)).toEqual([1, 2]);
      expect(audit.named('listener.closed').map(({ reason }) => reason)).toEqual(Array(2).fill('target-refused'));
    });
  },
  strict,
);

const at = (host: string, port: number): Buffer => new SshWriter().string(host).uint32(port).bytes();

function echoOnChannel(request: OpenRequest): void {
  expect(request.type).toBe('x11');
  expect(new SshReader(request.payload).text()).toBe('127.0.0.1');
  const channel = request.accept();
  void (async () => {
    for await (const event of channel.incoming()) if (event.kind === 'data') await channel.write(event.bytes);
  })();
}

function copyWith({ bastion, userKey }: Story, args: string[]): Promise<string> {
  const options = ['UserKnownHostsFile=/dev/null', 'StrictHostKeyChecking=no', 'BatchMode=yes', 'LogLevel=ERROR'];
  return mustRun('scp', [
    ...args,
    ...['-F', 'none', '-P', String(bastion.port), '-i', userKey.privateKeyFile],
    ...options.flatMap((option) => ['-o', option]),
    ...[userKey.privateKeyFile, 'alice@ops@web-1@127.0.0.1:copied'],
  ]);
}
