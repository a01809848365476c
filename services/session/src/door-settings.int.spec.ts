import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { makeUserKey, ssh, waitFor } from '@sallyport/testing';
import type { RunResult, UserKey } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSessionProcess } from './testing/session-process.js';
import type { SessionProcess } from './testing/session-process.js';

const settings = {
  /** Long enough for the three logons of a test. */
  SESSION_LOGIN_GRACE_SECONDS: '15',
  SESSION_MAX_UNAUTHENTICATED: '3',
  SESSION_MAX_UNAUTHENTICATED_PER_ADDRESS: '2',
  SESSION_MAX_FAILURES_PER_MINUTE: '2',
  SESSION_PROXY_ADDRESSES: '127.0.0.9, 2001:db8::/32',
};
/** The PROXY protocol's header, version 2: TCP over IPv4 from 203.0.113.9:54321 to 10.0.0.1:60022. */
const header = Buffer.from('0d0a0d0a000d0a515549540a2111000ccb0071090a000001d431ea76', 'hex');

describe('the door of a session process, as the deployment sets it', () => {
  let service: SessionProcess;
  let userKey: UserKey;
  const ends: (() => unknown)[] = [];
  beforeAll(async () => {
    [service, userKey] = await Promise.all([startSessionProcess(settings), makeUserKey('ed25519')]);
    service.asset.publicKeys = [userKey.publicKey];
  });
  afterAll(async () => {
    for (const end of ends) await end();
    await service.stop();
  });

  /** Nothing is authorized here: who gets in is told so. */
  const logOnFrom = (address: string, args = ['-b', address]): Promise<RunResult> =>
    ssh({
      ...{ destination: 'alice@web-1@127.0.0.1', port: service.port, privateKeyFile: userKey.privateKeyFile },
      ...{ command: 'true', args, logLevel: 'INFO' },
    });
  const gotIn = ({ stderr }: RunResult): boolean => stderr.includes('target.not-found');
  const standFrom = async (localAddress: string, first: Buffer | string = ''): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port: service.port, localAddress }).on('error', () => undefined);
    ends.push(() => socket.destroy());
    await once(socket, 'connect');
    socket.write(first);
    return socket;
  };
  const greeted = async (socket: Socket): Promise<Socket> => {
    await once(socket, 'data');
    return socket;
  };
  const untilClosed = async (socket: Socket): Promise<void> => {
    if (!socket.resume().closed) await once(socket, 'close');
  };
  const events = (name: string) =>
    service.events.filter(({ type }) => type === `io.sallyport.${name}.v1`).map(({ data }) => data);
  const refusals = (address: string) =>
    events('connection.refused').flatMap((data) => (data['clientAddress'] === address ? [data['reason']] : []));

  it('has places for so many who are not authenticated, of one address and of all, until their time is over', async () => {
    const strangers: Socket[] = [];
    for (const address of ['127.0.0.5', '127.0.0.5']) strangers.push(await greeted(await standFrom(address)));
    expect((await logOnFrom('127.0.0.5')).stderr).toMatch(/from your address .*\[connection\.refused, id \w{32}\]/);
    expect(gotIn(await logOnFrom('127.0.0.6'))).toBe(true);
    strangers.push(await greeted(await standFrom('127.0.0.6')));
    expect((await logOnFrom('127.0.0.7')).stderr).toMatch(
      /too many connections wait .*\[connection\.refused, id \w{32}\]/,
    );
    const gone = () => strangers.every((socket) => socket.closed);
    await waitFor(gone, { what: 'the grace time to end', timeoutMs: 60_000 });
    expect(gotIn(await logOnFrom('127.0.0.7'))).toBe(true);
    await expect
      .poll(() => [refusals('127.0.0.5'), refusals('127.0.0.7')], { timeout: 30_000 })
      .toEqual([expect.arrayContaining(['too-many-of-address', 'too-slow']), ['too-many-unauthenticated']]);
  });

  it('does not hear an address for a minute after so many failures; others it does', async () => {
    for (let i = 0; i < 2; i += 1) {
      await untilClosed(await greeted(await standFrom('127.0.0.8', 'GET / HTTP/1.1\r\n\r\n')));
    }
    expect((await logOnFrom('127.0.0.8')).stderr).toMatch(/your address failed; .*\[connection\.refused, id \w{32}\]/);
    expect(gotIn(await logOnFrom('127.0.0.10'))).toBe(true);
  });

  it('believes the PROXY header of a named address, and needs it there; of others it takes none', async () => {
    await untilClosed(await standFrom('127.0.0.11', header));
    expect(gotIn(await logOnFrom('127.0.0.9'))).toBe(false);
    await waitFor(() => refusals('127.0.0.9').length > 0, { what: 'the record of the refusal' });
    expect(refusals('127.0.0.9')).toEqual(['bad-proxy-header']);
    const balancer = `const s = net.connect({ host: '127.0.0.1', port: ${service.port}, localAddress: '127.0.0.9' });
      s.write(Buffer.from('${header.toString('hex')}', 'hex')); process.stdin.pipe(s).pipe(process.stdout)`;
    const through = ['-o', `ProxyCommand=${process.execPath} -e "${balancer.replace(/\n */, ' ')}"`];
    expect(gotIn(await logOnFrom('127.0.0.9', through))).toBe(true);
    const ofClient = () => events('session.refused').some(({ clientAddress }) => clientAddress === '203.0.113.9');
    await waitFor(ofClient, { what: 'the record' });
  });

  it('does not start with settings that cannot be, and names each', async () => {
    const wrong = { ...settings, SESSION_PROXY_ADDRESSES: '10.9.8.7/33', SESSION_LOGIN_GRACE_SECONDS: '0' };
    const started: unknown = await startSessionProcess(wrong).catch((error: unknown) => error);
    expect(started).toMatchObject({ message: expect.stringMatching(/SESSION_PROXY_ADDRESSES/) as string });
    expect(started).toMatchObject({ message: expect.stringMatching(/SESSION_LOGIN_GRACE_SECONDS/) as string });
    expect(String(started)).not.toContain('10.9.8.7');
  });
});
