import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { SshWriter } from '@sallyport/ssh-keys';
import ssh2 from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import { Message } from '../messages.js';
import { dial, PATIENCE_MS, rsaHostKey, startShellServer } from '../shell-server.fake.js';
import { SshError } from '../ssh-error.js';
import { parseHostKeys } from './host-keys.js';
import { Transport } from './transport.js';

/** Of the peer, in the clear: what an attacker can put in as well (CVE-2023-48795, "Terrapin"). */
function packet(payload: Buffer): Buffer {
  const padding = 16 - ((5 + payload.length) % 8);
  const head = new SshWriter().uint32(1 + payload.length + padding).byte(padding);
  return Buffer.concat([head.bytes(), payload, Buffer.alloc(padding)]);
}

const ignore = packet(new SshWriter().byte(Message.ignore).string('put in by somebody').bytes());

/** RFC 4253 section 7.1 */
function kexinit(kex: string): Buffer {
  const writer = new SshWriter().byte(20);
  for (let i = 0; i < 16; i += 1) writer.byte(i);
  const lists = ['aes128-gcm@openssh.com', 'hmac-sha2-256', 'none', ''].flatMap((list) => [list, list]);
  for (const list of [kex, 'rsa-sha2-512', ...lists]) writer.string(list);
  return packet(writer.boolean(false).uint32(0).bytes());
}

const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const stop of cleanup.splice(0)) stop();
});

/** How our side of a handshake ends with a peer that sends these packets and nothing else. */
async function endOf(
  side: 'server' | 'client',
  packets: readonly Buffer[],
  handshakeTimeoutMs = PATIENCE_MS,
): Promise<unknown> {
  const talk = (socket: Socket): void => {
    socket.on('error', () => undefined).resume();
    socket.write(Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), ...packets]));
  };
  const options = { ident: 'Sallyport', handshakeTimeoutMs };
  const server = createServer();
  cleanup.push(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const there = await dial((server.address() as AddressInfo).port);
  const [here] = await accepted;
  cleanup.push(() => there.destroy());
  talk(there);
  const handshake =
    side === 'server'
      ? Transport.accept(here, parseHostKeys([rsaHostKey()]), options)
      : Transport.connect(here, options);
  return handshake.then(
    () => 'connected',
    (error: unknown) => (error instanceof SshError ? `${error.kind}: ${error.message}` : error),
  );
}

describe.each([
  ['our server, and a client', 'server', 'c'],
  ['our client, and a server', 'client', 's'],
] as const)('%s that announces strict key exchange', (_, side, letter) => {
  const strict = kexinit(`curve25519-sha256,kex-strict-${letter}-v00@openssh.com`);

  it('is left when anything comes before its KEXINIT', async () => {
    expect(await endOf(side, [ignore, strict])).toMatch(/^handshake: .*KEXINIT not first/);
  });

  it('is left when anything comes into the first exchange', async () => {
    expect(await endOf(side, [strict, ignore])).toMatch(/^handshake: .*unexpected packet type 2/);
  });

  it('is waited for, as is one that does not announce it and sends the same', async () => {
    const plain = kexinit('curve25519-sha256');
    const ends = [[strict], [ignore, plain], [plain, ignore]].map((packets) => endOf(side, packets, 500));
    for (const end of await Promise.all(ends)) expect(end).toMatch(/^timeout: /);
  });
});

/** What is private in ssh2's client, and puts a packet behind its KEXINIT, where it would hold everything else back itself. */
interface Peer {
  readonly _protocol: {
    rekey(): void;
    readonly _cipher: { encrypt(packet: Buffer): void };
    readonly _packetRW: {
      readonly write: {
        readonly allocStartKEX: number;
        alloc(length: number, force: true): Buffer;
        finalize(packet: Buffer, force: true): Buffer;
      };
    };
  };
}

it('takes an IGNORE into a later exchange, as any peer may send it (RFC 4253, section 7.1), strict or not', async () => {
  const server = await startShellServer();
  cleanup.push(() => {
    server.stop();
  });
  const client = new ssh2.Client();
  cleanup.push(() => client.end());
  const ready = once(client, 'ready');
  client.connect({ host: '127.0.0.1', port: server.port, username: 'x', password: 'x' });
  await ready;

  const { _protocol: protocol } = client as unknown as Peer;
  protocol.rekey();
  const { write } = protocol._packetRW;
  const packet = write.alloc(6, true);
  packet.set([Message.ignore, 0, 0, 0, 1, 0], write.allocStartKEX);
  protocol._cipher.encrypt(write.finalize(packet, true));

  const exited = await new Promise((resolve, reject) => {
    client.once('error', reject);
    client.exec('exit 7', (error, channel) => {
      if (error) reject(error);
      else channel.once('exit', resolve).resume();
    });
  });
  expect(exited).toBe(7);
});
