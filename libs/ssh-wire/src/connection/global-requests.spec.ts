import { SshReader } from '@sallyport/ssh-keys';
import { afterEach, describe, expect, it } from 'vitest';
import { connectTarget, startShellServer } from '../shell-server.fake.js';
import type { ShellServerOptions } from '../shell-server.fake.js';
import type { Connection } from './connection.js';
import type { IncomingGlobalRequest } from './global-requests.js';

const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const stop of cleanup.splice(0)) stop();
});

async function logOn(connection: ShellServerOptions['connection'] = {}): Promise<Connection> {
  const server = await startShellServer({ connection });
  const target = await connectTarget(server.port);
  cleanup.push(() => {
    target.disconnect(11, 'the test is over');
    server.stop();
  });
  await target.authenticate('alice', () => Promise.resolve({ method: 'password', password: Buffer.from('x') }));
  return target.start();
}

describe('global requests', () => {
  it('are answered in order, with what the answer holds, however late the first is', async () => {
    const connection = await logOn({
      onGlobalRequest: ({ name, payload, reply }) => {
        const answer = { success: name !== 'bad', data: payload };
        if (name === 'slow') setImmediate(reply, answer);
        else reply(answer);
      },
    });
    const answers = await Promise.all([
      connection.request('slow', Buffer.from('1')),
      connection.request('bad', Buffer.from('2')),
      connection.request('good', Buffer.from('3')),
    ]);
    const data = answers.map((answer) => `${String(answer.success)} ${answer.data?.toString() ?? ''}`);
    expect(data).toEqual(['true 1', 'false ', 'true 3']);
  });

  it('D20: without somebody who knows them are refused, keepalives too; no-more-sessions holds', async () => {
    const connection = await logOn();
    for (const name of ['tcpip-forward', 'hostkeys-prove-00@openssh.com', 'keepalive@openssh.com'])
      expect(await connection.request(name)).toMatchObject({ success: false });
    (await connection.open('session')).close();
    expect(await connection.request('no-more-sessions@openssh.com')).toMatchObject({ success: true });
    await expect(connection.open('session')).rejects.toMatchObject({ reason: 1 });
  });

  it('E2: keepalives do not take the answers of others', async () => {
    const connection = await logOn({
      keepalive: { intervalMs: 5, maxMissed: 100 },
      onGlobalRequest: ({ payload, reply }) => {
        setTimeout(reply, 30, { success: true, data: payload });
      },
    });
    for (let i = 0; i < 10; i += 1) {
      const answer = await connection.request('echo', Buffer.from(String(i)));
      expect(answer.data?.toString()).toBe(String(i));
    }
  });

  it('H7: that nobody could ever answer end the connection, and what waits on them', async () => {
    const kept: IncomingGlobalRequest[] = [];
    const connection = await logOn({ onGlobalRequest: (request) => kept.push(request) });
    const answers = await Promise.all(Array.from({ length: 300 }, () => connection.request('never')));
    expect(answers.every(({ success }) => !success)).toBe(true);
    expect(kept).toHaveLength(256);
    expect(await connection.request('again')).toEqual({ success: false });
    await expect(connection.open('session')).rejects.toMatchObject({ kind: 'closed' });
  });

  it('reads names that are not text', async () => {
    const names: string[] = [];
    const connection = await logOn({
      onGlobalRequest: ({ name, payload, reply }) => {
        names.push(`${name} ${new SshReader(payload).remainingBytes}`);
        reply({ success: false });
      },
    });
    await connection.request('tcp\u00ff', Buffer.alloc(3));
    expect(names).toHaveLength(1);
  });
});
