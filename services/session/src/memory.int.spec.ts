import { createPrivateKey, randomBytes } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PrivateKey } from '@sallyport/ssh-keys';
import { canRunSshd, makeUserKey, passwordLogon, ServerProcess, startSshd, tempDir, waitFor } from '@sallyport/testing';
import type { SshdHost, UserKey } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findInMemory } from './testing/process-memory.js';
import { startSessionProcess } from './testing/session-process.js';
import type { SessionProcess } from './testing/session-process.js';

const able = canRunSshd();
const suite = able.ok ? describe : describe.skip;

/**
 * What somebody gets who takes the memory of the session process while a session is open: all of it that can be read, which is
 * what a core dump holds, and what V8 shows of its heap. That the search works is shown by what the process does hold.
 */
suite(`B10: the memory of the session process${able.ok ? '' : ` (skipped: ${able.reason})`}`, () => {
  const password = `host "password" ${randomBytes(12).toString('hex')}`;
  const snapshots = tempDir();
  let host: SshdHost;
  let service: SessionProcess;
  let userKey: UserKey;
  let targetKeys: UserKey[];

  beforeAll(async () => {
    [userKey, ...targetKeys] = await Promise.all([
      makeUserKey('ed25519'),
      makeUserKey('rsa', { format: 'pem' }),
      makeUserKey('ed25519'),
    ]);
    const authorizedKeys = targetKeys.map(({ publicKey }) => publicKey);
    host = await startSshd({ accounts: [{ name: 'ops', password, authorizedKeys }] });
    const NODE_OPTIONS = `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${snapshots}`;
    service = await startSessionProcess({ NODE_OPTIONS });
    service.asset.publicKeys = [userKey.publicKey];
    service.asset.password = `user’s password ${randomBytes(12).toString('hex')}`;
  });
  afterAll(async () => {
    await service.stop();
    await host.stop();
  });

  function offer(kind: 'password' | 'ssh-key', value: string): void {
    const { address, port } = host;
    const hostKeys = host.hostKeys.map(({ fingerprint }) => fingerprint);
    service.asset.hosts = [{ name: 'web-1', address, port, hostKeys, account: 'ops', kind }];
    service.broker.values = [value];
  }
  const byKey = () => ({ args: ['-i', userKey.privateKeyFile, '-o', 'BatchMode=yes'], env: {} });
  /** A session at the target that stays open. */
  async function open(kind: 'password' | 'ssh-key', value: string, logon = byKey()): Promise<ServerProcess> {
    const mark = `mark-${randomBytes(12).toString('hex')}`;
    offer(kind, value);
    const options = ['-o', 'UserKnownHostsFile=/dev/null', '-o', 'StrictHostKeyChecking=no'];
    const words = ['-F', 'none', '-p', String(service.port), ...logon.args, ...options, 'alice@ops@web-1@127.0.0.1'];
    const attempt = async (): Promise<ServerProcess | undefined> => {
      const session = new ServerProcess('ssh', [...words, `echo ${mark}; exec cat`], { stdin: 'pipe', env: logon.env });
      const settled = (): boolean => session.lines.includes(mark) || !session.running;
      await waitFor(settled, { what: 'the session', timeoutMs: 60_000 });
      // The snapshot of the test before kept the process from its work.
      if (session.tail().includes('service.overloaded')) return undefined;
      expect(session.lines, session.tail()).toContain(mark);
      return session;
    };
    return waitFor(attempt, { what: 'a session', timeoutMs: 60_000 });
  }

  /** The names of what is found in a core dump, and in V8's own picture of its heap. */
  async function search(needles: ReadonlyMap<string, Buffer>): Promise<{ core: string[]; heap: string[] }> {
    const { found } = findInMemory(service.process.pid, needles);
    return { core: unique(found.map(({ needle }) => needle)), heap: await searchSnapshot(needles) };
  }

  async function searchSnapshot(needles: ReadonlyMap<string, Buffer>): Promise<string[]> {
    const before = readdirSync(snapshots);
    service.process.signal('SIGUSR2');
    const isNew = (name: string): boolean => !before.includes(name);
    const what = 'the heap snapshot';
    const name = await waitFor(() => readdirSync(snapshots).find(isNew), { what, timeoutMs: 60_000 });
    // V8 writes it on the thread that answers us: with an answer the file is whole.
    await waitFor(() => service.readiness(), { what, timeoutMs: 60_000 });
    return findInFile(join(snapshots, name), needles);
  }

  it('has no password of a target, in no form, after the logon with it', async () => {
    const session = await open('password', password);
    const needles = new Map([...formsOf('password', Buffer.from(password)), ['name', Buffer.from('alice')]]);
    const { core, heap } = await search(needles);
    expect(core).toEqual(['name']);
    expect(heap).toEqual(['name']);
    await session.stop();
  });

  it.each([0, 1])('has no private key of a target after the logon with it (%i)', async (index) => {
    const { privateKey = '' } = targetKeys[index] ?? {};
    const session = await open('ssh-key', privateKey);
    const needles = new Map([...secretsOf(privateKey), ['name', Buffer.from('alice')]]);
    expect(needles.size).toBeGreaterThanOrEqual(6);
    const { core, heap } = await search(needles);
    expect(core).toEqual(['name']);
    expect(heap).toEqual(['name']);
    await session.stop();
  });

  it('has no password of a user, after the logon with it', async () => {
    const { password: own } = service.asset;
    const session = await open('password', password, await passwordLogon(own));
    const needles = new Map([...formsOf('password', Buffer.from(own)), ['name', Buffer.from('alice')]]);
    expect(await search(needles)).toEqual({ core: ['name'], heap: ['name'] });
    await session.stop();
  });
});

const unique = (names: readonly string[]): string[] => [...new Set(names)];

/** As it is, as text of V8's that is not Latin-1, and as programs write bytes into text. Its end is also found where quotes before it are escaped. */
function formsOf(what: string, secret: Buffer): [string, Buffer][] {
  return [
    [what, secret],
    [`${what}, its end`, secret.subarray(-16)],
    [`${what}, two bytes a character`, Buffer.from(secret.toString('utf8'), 'utf16le')],
    [`${what}, base64`, Buffer.from(secret.toString('base64').slice(0, -4))],
    [`${what}, hex`, Buffer.from(secret.toString('hex'))],
  ];
}

/** The lines of the PEM, and the numbers in it, but for what is public too. */
function secretsOf(pem: string): [string, Buffer][] {
  const { publicKeyBlob } = PrivateKey.parse(pem);
  const lines = pem.split('\n').filter((line) => line.length >= 32 && !line.startsWith('-----'));
  // The first line of OpenSSH's format is the same for all keys of a type.
  if (pem.includes('OPENSSH')) lines.shift();
  const secret = lines.filter((line) => !publicKeyBlob.includes(Buffer.from(line, 'base64').subarray(3, -3)));
  const numbers = numbersOf(pem).flatMap(([name, number]) => formsOf(`number ${name}`, number).filter(isBytes));
  return [...secret.map((line, at): [string, Buffer] => [`line ${at}`, Buffer.from(line)]), ...numbers];
}

/** A number is no text. */
const isBytes = ([name]: [string, Buffer]): boolean => !name.includes('two bytes');

function numbersOf(pem: string): [string, Buffer][] {
  if (pem.includes('OPENSSH')) {
    // openssh-key-v1, Ed25519: the seed stands before the public key that ends the private half.
    const text = pem
      .split('\n')
      .filter((line) => !line.startsWith('-----'))
      .join('');
    const bytes = Buffer.from(text, 'base64');
    const publicKey = PrivateKey.parse(pem).publicKeyBlob.subarray(-32);
    const at = bytes.lastIndexOf(publicKey);
    return [['seed', bytes.subarray(at - 32, at)]];
  }
  const { d, p, q, dp, dq, qi } = createPrivateKey(pem).export({ format: 'jwk' });
  return Object.entries({ d, p, q, dp, dq, qi }).map(([name, part]) => [name, Buffer.from(part ?? '', 'base64url')]);
}

/** The names of what the file holds. */
async function findInFile(file: string, needles: ReadonlyMap<string, Buffer>): Promise<string[]> {
  const found = new Set<string>();
  let tail = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    const piece = Buffer.concat([tail, chunk as Buffer]);
    for (const [name, needle] of needles) if (piece.includes(needle)) found.add(name);
    tail = piece.subarray(-8_192);
  }
  return [...found];
}
