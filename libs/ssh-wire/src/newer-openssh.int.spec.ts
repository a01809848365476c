import { randomBytes } from 'node:crypto';
import { canRunSshd, makeUserKey, newerOpenssh, ssh, startSshd } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTarget, runCommand, startShellServer } from './shell-server.fake.js';

/** The first OpenSSH that warns of exchanges which are not post-quantum is 10.1. */
const newer = await newerOpenssh().catch((error: unknown) => String(error));
const why = typeof newer === 'string' ? ` (skipped: ${newer})` : '';
const able = canRunSshd();

describe.skipIf(why !== '')(`a newer OpenSSH’s client with our server${why}`, () => {
  let server: Awaited<ReturnType<typeof startShellServer>>;
  beforeAll(async () => {
    const { privateKey } = await makeUserKey('ed25519');
    server = await startShellServer({ server: { hostKeys: [privateKey], rekeyAfterBytes: 3_000_000 } });
  });
  afterAll(() => {
    server.stop();
  });

  const logOn = (args: readonly string[] = []) => {
    if (typeof newer === 'string') throw new Error(newer);
    const options = { destination: 'alice@127.0.0.1', port: server.port, password: 'x', logLevel: 'INFO' as const };
    return ssh({ ...options, program: newer.ssh, args: ['-v', ...args], command: 'echo hello' });
  };

  it('D21: exchanges keys with ML-KEM of its own choice, and is not warned', async () => {
    const { code, stdout, stderr } = await logOn();
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello\n' });
    expect(stderr).toContain('kex: algorithm: mlkem768x25519-sha256');
    expect(stderr).not.toMatch(/post-quantum/);
  });

  it('uses strict key exchange, and is told which signatures we take, none of them with SHA-1', async () => {
    const { stderr } = await logOn();
    expect(stderr).toContain('resetting read seqnr');
    const [, list = ''] = /server-sig-algs=<([^>]*)>/.exec(stderr) ?? [];
    expect(list.split(',')).toEqual(expect.arrayContaining(['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256']));
    expect(list.split(',')).not.toContain('ssh-rsa');
  });

  it('D7: moves 8 MiB both ways over rekeys of both ends, each with ML-KEM', async () => {
    if (typeof newer === 'string') throw new Error(newer);
    const input = randomBytes(8 * 1024 * 1024).toString('hex');
    const result = await ssh({
      destination: 'alice@127.0.0.1',
      port: server.port,
      password: 'x',
      program: newer.ssh,
      args: ['-o', 'KexAlgorithms=mlkem768x25519-sha256', '-o', 'RekeyLimit=1M'],
      command: 'cat',
      input,
    });
    expect(result.stdout === input).toBe(true);
  });
});

const whyNot = why || (able.ok ? '' : ` (skipped: ${able.reason})`);

describe.skipIf(whyNot !== '')(`our client with a newer OpenSSH’s server${whyNot}`, () => {
  it('exchanges keys with ML-KEM, also again and again, when the server takes nothing else', async () => {
    if (typeof newer === 'string') throw new Error(newer);
    const host = await startSshd({
      accounts: [{ name: 'ops', password: 'right' }],
      config: 'KexAlgorithms mlkem768x25519-sha256\nRekeyLimit 1M',
      newer,
    });
    const target = await connectTarget(host.port, { rekeyAfterBytes: 3_000_000 }, host.address);
    expect(target.algorithms.kex).toBe('mlkem768x25519-sha256');
    await target.authenticate('ops', (refusal) =>
      Promise.resolve(refusal ? undefined : { method: 'password', password: Buffer.from('right') }),
    );
    const input = randomBytes(8 * 1024 * 1024);
    const result = await runCommand(await target.start().open('session'), 'cat', input);
    expect(result.stdout.equals(input)).toBe(true);
    target.disconnect(11, '');
    await host.stop();
  });

  it('D21: its client would be warned by a server that has nothing post-quantum', async () => {
    if (typeof newer === 'string') throw new Error(newer);
    const config = 'KexAlgorithms curve25519-sha256';
    const host = await startSshd({ accounts: [{ name: 'ops', password: 'right' }], config });
    const options = { destination: `ops@${host.address}`, port: host.port, password: 'right', command: 'true' };
    const { code, stderr } = await ssh({ ...options, program: newer.ssh, logLevel: 'INFO' });
    expect(code).toBe(0);
    expect(stderr).toMatch(/not using a post-quantum key exchange/);
    await host.stop();
  });
});
