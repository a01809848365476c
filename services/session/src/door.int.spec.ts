import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { AddressList } from '@sallyport/addresses';
import { makeUserKey, ssh, waitFor } from '@sallyport/testing';
import type { UserKey } from '@sallyport/testing';
import { SshTarget } from '@sallyport/ssh-wire';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startBastion } from './testing/start-bastion.js';
import type { Bastion, BastionOptions } from './testing/start-bastion.js';

const signature = '0d0a0d0a000d0a515549540a';
/** TCP over IPv4 from an address to 10.0.0.1:60022, with an extension (NOOP) behind. */
function proxyHeader(address: string): Buffer {
  const source = Buffer.from(address.split('.').map(Number)).toString('hex');
  return Buffer.from(`${signature}21110010${source}0a000001d431ea7604000101`, 'hex');
}
const localHeader = Buffer.from(`${signature}20000000`, 'hex');

let userKey: UserKey;
let bastion: Bastion;
const ends: (() => unknown)[] = [];
beforeAll(async () => {
  userKey = await makeUserKey('ed25519');
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function start(server: BastionOptions['server']): Promise<void> {
  bastion = await startBastion({ drainMs: 0, ...(server && { server }) });
  bastion.asset.publicKeys = [userKey.publicKey];
  ends.push(() => bastion.gateway.stop());
}
/** Who gets in reaches no target here: that nothing is authorized is then the answer. */
const logOn = (more: Partial<Parameters<typeof ssh>[0]> = {}) => {
  const { privateKeyFile } = userKey;
  return ssh({ destination: 'alice@web-1@127.0.0.1', port: bastion.port, privateKeyFile, command: 'true', ...more });
};
const gotIn = (stderr: string): boolean => stderr.includes('target.not-found');
const refusals = () => bastion.audit.named('connection.refused');

/** A load balancer that says for whom it connects, in pieces as TCP may deliver them. */
async function startProxy(header: Buffer, pieces = 1): Promise<number> {
  const sockets: Socket[] = [];
  const server: Server = createServer((client) => {
    const back = connect(bastion.port, '127.0.0.1');
    sockets.push(client, back);
    for (const socket of [client, back]) socket.on('error', () => socket.destroy()).setNoDelay(true);
    const size = Math.ceil(header.length / pieces);
    for (let at = 0; at < header.length; at += size) back.write(header.subarray(at, at + size));
    client.pipe(back).pipe(client);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ends.unshift(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}
/** Connects, says something, and waits for the end; what was heard until then. */
async function say(bytes: Buffer | string): Promise<string> {
  const socket = connect(bastion.port, '127.0.0.1').on('error', () => undefined);
  let heard = '';
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
  socket.write(bytes);
  await once(socket, 'close');
  return heard;
}
async function stranger(): Promise<Socket> {
  const socket = connect(bastion.port, '127.0.0.1').on('error', () => undefined);
  ends.unshift(() => socket.destroy());
  await once(socket, 'data');
  return socket;
}

describe('behind a load balancer that is named', () => {
  const proxies = AddressList.of(['127.0.0.0/8']);

  it.each([1, 5, 31])('knows the client by the PROXY header, in %i pieces', async (pieces) => {
    await start({ proxies });
    const port = await startProxy(proxyHeader('203.0.113.9'), pieces);
    expect(gotIn((await logOn({ port })).stderr)).toBe(true);
    await waitFor(() => bastion.audit.named('session.refused').length === 1, { what: 'the record' });
    expect(bastion.audit.named('session.refused')[0]).toMatchObject({ clientAddress: '203.0.113.9' });
  });

  it('counts each client for itself', async () => {
    await start({ proxies, maxFailuresPerMinute: 1 });
    const [one, other] = [await startProxy(proxyHeader('203.0.113.9')), await startProxy(proxyHeader('203.0.113.10'))];
    const strange = await makeUserKey('ed25519');
    await logOn({ port: one, privateKeyFile: strange.privateKeyFile });
    const failed = () => logOn({ port: one, logLevel: 'INFO' });
    await waitFor(async () => (await failed()).stderr.includes('connection.refused'), { what: 'the limit' });
    expect(gotIn((await logOn({ port: other })).stderr)).toBe(true);
    expect(refusals()).toEqual([{ clientAddress: '203.0.113.9', reason: 'too-many-failures' }]);
  });

  it('serves the balancer itself, as for its health checks', async () => {
    await start({ proxies });
    expect(gotIn((await logOn({ port: await startProxy(localHeader) })).stderr)).toBe(true);
    expect(bastion.audit.named('session.refused')[0]).toMatchObject({ clientAddress: '127.0.0.1' });
  });

  it.each([
    ['no header', 'SSH-2.0-OpenSSH_10.3\r\n'],
    ['version 1', 'PROXY TCP4 203.0.113.9 10.0.0.1 54321 60022\r\n'],
    ['a Unix socket', Buffer.from(`${signature}213100d8${'00'.repeat(216)}`, 'hex')],
    ['64 KiB of extensions', Buffer.from(`${signature}2111ffff`, 'hex')],
  ])('refuses %s, without a word, on record', async (_, bytes) => {
    await start({ proxies });
    expect(await say(bytes)).toBe('');
    expect(refusals()).toEqual([{ clientAddress: '127.0.0.1', reason: 'bad-proxy-header' }]);
  });

  it('waits for the header no longer than the login grace time', async () => {
    await start({ proxies, loginGraceMs: 200 });
    expect(await say(proxyHeader('203.0.113.9').subarray(0, 20))).toBe('');
  });
});

describe('the door', () => {
  it('believes nobody’s PROXY header who is not named', async () => {
    await start({ proxies: AddressList.of(['192.0.2.1']) });
    const { code, stderr } = await logOn({ port: await startProxy(proxyHeader('203.0.113.9')) });
    expect(code).toBe(255);
    expect(gotIn(stderr)).toBe(false);
    expect(bastion.asset.asked).toEqual([]);
    expect(gotIn((await logOn()).stderr)).toBe(true);
  });

  it('A10: says in one line why it takes no more of an address, and serves who is in', async () => {
    await start({ maxUnauthenticatedPerAddress: 1 });
    const first = await stranger();
    const { code, stderr } = await logOn({ logLevel: 'INFO' });
    expect(code).toBe(255);
    expect(stderr).toMatch(
      /sallyport: too many connections from your address .*\[connection\.refused, id [0-9a-f]{32}\]/,
    );
    expect(refusals()).toEqual([{ clientAddress: '127.0.0.1', reason: 'too-many-of-address' }]);
    first.destroy();
    await waitFor(async () => gotIn((await logOn()).stderr), { what: 'a free place' });
  });

  it('A6, A10: hears an address no more whose connections fail and fail, and says so; keys that are only offered are no failure', async () => {
    await start({ maxFailuresPerMinute: 2 });
    const others = await Promise.all(Array.from({ length: 3 }, () => makeUserKey('ed25519')));
    const args = others.flatMap((key) => ['-i', key.privateKeyFile]);
    for (let i = 0; i < 3; i += 1) expect(gotIn((await logOn({ args })).stderr)).toBe(true);
    for (let i = 0; i < 2; i += 1) await say('GET / HTTP/1.1\r\n\r\n');
    const { stderr } = await logOn({ logLevel: 'INFO' });
    expect(stderr).toMatch(/too many connections from your address failed; .*\[connection\.refused, id [0-9a-f]{32}\]/);
  });

  it('does not count who knocks and says nothing', async () => {
    await start({ maxFailuresPerMinute: 1 });
    for (let i = 0; i < 3; i += 1) {
      const socket = await stranger();
      socket.destroy();
    }
    expect(gotIn((await logOn()).stderr)).toBe(true);
  });

  it('A10: tells who takes too long to log on', async () => {
    await start({ loginGraceMs: 5_000 });
    const socket = connect(bastion.port, '127.0.0.1');
    await once(socket, 'connect');
    const client = await SshTarget.connect(socket, {
      ident: 'test',
      handshakeTimeoutMs: 60_000,
      keepalive: { intervalMs: 15_000, maxMissed: 3 },
      verifyHostKey: () => Promise.resolve(),
    });
    const error = await client.closed;
    expect(error?.message).toMatch(/the logon took too long.*\[connection\.refused, id [0-9a-f]{32}\]/);
    expect(refusals()).toEqual([{ clientAddress: '127.0.0.1', reason: 'too-slow' }]);
  });
});
