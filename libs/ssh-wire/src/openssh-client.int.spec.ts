import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fingerprint, verifySignature } from '@sallyport/ssh-keys';
import { softAuthenticator } from '@sallyport/ssh-keys/testing';
import {
  makeUserKey,
  mustRun,
  passwordLogon,
  run,
  ServerProcess,
  ssh,
  startSshAgent,
  tempDir,
  waitFor,
} from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startShellServer } from './shell-server.fake.js';
import type { RekeyOptions } from './transport/rekeying.js';
import type { AuthAttempt } from './user-auth/auth-attempt.js';
import type { AuthVerdict } from './user-auth/serve-user-auth.js';

const destination = 'alice@root@web-1@127.0.0.1';
let server: Awaited<ReturnType<typeof startShellServer>>;
let attempts: AuthAttempt[] = [];
/** Fingerprint of the one key that is good. */
let goodKey: string | undefined;

function decide(attempt: AuthAttempt): Promise<AuthVerdict> {
  attempts.push(attempt.method === 'password' ? { ...attempt, password: Buffer.from(attempt.password) } : attempt);
  const refuse: AuthVerdict = { kind: 'refuse', methods: ['publickey', 'password'] };
  switch (attempt.method) {
    case 'password':
      return Promise.resolve(attempt.password.toString() === 'secret' ? { kind: 'accept' } : refuse);
    case 'publickey-query':
      return Promise.resolve(fingerprint(attempt.publicKey) === goodKey ? { kind: 'sign' } : refuse);
    case 'publickey': {
      const { algorithm, publicKey: publicKeyBlob, signed: data, signature: signatureBlob } = attempt;
      const holds = verifySignature({ algorithm, publicKeyBlob, data, signatureBlob });
      return Promise.resolve(holds && fingerprint(publicKeyBlob) === goodKey ? { kind: 'accept' } : refuse);
    }
    default:
      return Promise.resolve(refuse);
  }
}

beforeAll(async () => {
  const hostKey = await makeUserKey('ed25519');
  const rsaKey = await makeUserKey('rsa', { format: 'pem' });
  server = await startShellServer({
    decide,
    server: { hostKeys: [hostKey.privateKey, rsaKey.privateKey], rekeyAfterBytes: 3_000_000 },
  });
});
afterAll(() => {
  server.stop();
});

const withPassword = (command: string, more: Partial<Parameters<typeof ssh>[0]> = {}) =>
  ssh({ destination, port: server.port, password: 'secret', command, ...more });

describe('OpenSSH’s client with our server', () => {
  it('logs on with a password, under a user name with two @', async () => {
    attempts = [];
    const result = await withPassword('echo hello');
    expect(result).toMatchObject({ code: 0, stdout: 'hello\n', stderr: '' });
    expect(attempts.at(-1)).toMatchObject({ method: 'password', user: 'alice@root@web-1' });
  });

  it('is refused a wrong password', async () => {
    expect(await withPassword('true', { password: 'wrong' })).toMatchObject({ code: 255 });
  });

  it.each([
    ['ed25519', {}],
    ['rsa', {}],
    ['ecdsa', { bits: 256 }],
    ['ecdsa', { bits: 384 }],
    ['ecdsa', { bits: 521 }],
  ] as const)('proves to hold a key of type %s %o', async (type, options) => {
    const key = await makeUserKey(type, options);
    goodKey = key.fingerprint;
    attempts = [];
    const { privateKeyFile } = key;
    const result = await ssh({ destination, port: server.port, privateKeyFile, command: 'echo in' });
    expect(result).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
    expect(attempts.map(({ method }) => method)).toEqual(['none', 'publickey-query', 'publickey']);
  });

  describe.each(['sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com'] as const)(
    'with an authenticator’s key of type %s',
    (type) => {
      const key = softAuthenticator(type);
      const logOn = async (flags: number): ReturnType<typeof ssh> => {
        const agent = await startSshAgent({ ...key, sign: (data) => key.sign(data, { flags }) });
        onTestFinished(() => {
          agent.stop();
        });
        goodKey = fingerprint(key.publicKeyBlob);
        attempts = [];
        const privateKeyFile = agent.publicKeyFile;
        const args = ['-o', `IdentityAgent=${agent.socket}`];
        return ssh({ destination, port: server.port, privateKeyFile, args, command: 'echo in' });
      };

      it('proves to hold it', async () => {
        expect(await logOn(1)).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
        expect(attempts.at(-1)).toMatchObject({ method: 'publickey', algorithm: type });
      });

      it('is refused when nobody touched it', async () => {
        expect(await logOn(0)).toMatchObject({ code: 255, stdout: '' });
        expect(attempts.at(-1)).toMatchObject({ method: 'publickey', algorithm: type });
      });
    },
  );

  it('A6: gets in with the last of ten keys of its agent', async () => {
    const socket = join(tempDir(), 'agent');
    const agent = new ServerProcess('ssh-agent', ['-D', '-a', socket]);
    const env = { SSH_AUTH_SOCK: socket };
    await waitFor(async () => (await run('ssh-add', ['-l'], { env })).code !== 2, { what: 'the agent' });
    for (let i = 0; i < 10; i += 1) {
      const key = await makeUserKey('ed25519');
      goodKey = key.fingerprint;
      await mustRun('ssh-add', ['-q', key.privateKeyFile], { env });
    }
    const args = ['-o', 'PubkeyAuthentication=yes', '-o', 'NumberOfPasswordPrompts=0'];
    // `ssh` of the tests turns keys off; here the agent's are wanted, so its arguments come last.
    const result = await run(
      'ssh',
      [
        ...['-F', 'none', '-p', String(server.port), '-o', 'StrictHostKeyChecking=no', '-o', 'LogLevel=ERROR'],
        ...['-o', 'UserKnownHostsFile=/dev/null', '-o', 'BatchMode=yes', ...args, destination, 'echo tenth'],
      ],
      { env },
    );
    await agent.stop();
    expect(result).toMatchObject({ code: 0, stdout: 'tenth\n' });
  });

  it('takes our RSA host key when it asks for one', async () => {
    const result = await withPassword('echo rsa', { args: ['-o', 'HostKeyAlgorithms=rsa-sha2-256'] });
    expect(result).toMatchObject({ code: 0, stdout: 'rsa\n' });
  });

  it.each(['aes128-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes256-ctr'])(
    'D7: moves 8 MiB both ways with %s, with rekeys by both ends',
    async (cipher) => {
      const input = randomBytes(8 * 1024 * 1024);
      const args = ['-o', `Ciphers=${cipher}`, '-o', 'RekeyLimit=1M'];
      const there = await withPassword('sha256sum', { args, input });
      expect(there.stdout.split(' ')[0]).toBe(createHash('sha256').update(input).digest('hex'));
      const back = await withPassword('head -c 8388608 /dev/zero | tr "\\0" A', { args });
      expect(back.stdout).toBe('A'.repeat(8 * 1024 * 1024));
    },
  );

  describe('where only we begin another key exchange', () => {
    const serve = async (rekey: RekeyOptions): Promise<number> => {
      const { privateKey } = await makeUserKey('ed25519');
      const other = await startShellServer({ server: { hostKeys: [privateKey], ...rekey } });
      onTestFinished(() => {
        other.stop();
      });
      return other.port;
    };
    /** Of the client, the first one included. */
    const exchanges = (lines: readonly string[]): number =>
      lines.filter((line) => line.includes('SSH2_MSG_KEXINIT sent')).length;

    it('D7: a real client follows after so many bytes, and gets all of 8 MiB each way', async () => {
      const port = await serve({ rekeyAfterBytes: 700_000 });
      const input = randomBytes(4 * 1024 * 1024).toString('hex');
      const { stdout, stderr } = await withPassword('cat', { port, input, args: ['-v'] });
      expect(stdout === input).toBe(true);
      expect(exchanges(stderr.split('\n'))).toBeGreaterThan(10);
    });

    it('D7: a real client with nothing to say follows after so long, and goes on', async () => {
      const port = await serve({ rekeyAfterMs: 200 });
      const { args, env } = await passwordLogon('secret');
      const trust = [
        '-o',
        'UserKnownHostsFile=/dev/null',
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'PubkeyAuthentication=no',
      ];
      const client = new ServerProcess(
        'ssh',
        ['-v', '-F', 'none', '-p', String(port), ...trust, ...args, destination, 'exec cat'],
        { stdin: 'pipe', env },
      );
      await waitFor(() => exchanges(client.lines) > 2, { what: 'two more exchanges' });
      client.say('after them\n');
      client.say();
      expect((await client.exited).code).toBe(0);
      expect(client.lines).toContain('after them');
    });
  });

  it.each([
    ['KexAlgorithms', 'diffie-hellman-group14-sha256', 'diffie-hellman-group14-sha1'],
    ['Ciphers', 'aes256-ctr', 'aes256-cbc'],
    ['MACs', 'hmac-sha2-256', 'hmac-sha1'],
    ['HostKeyAlgorithms', 'rsa-sha2-512', 'ssh-rsa'],
  ])('of %s, speaks %s and not %s', async (option, modern, old) => {
    // A cipher without a MAC of its own comes second, so that the choice of MAC matters.
    const ask = (name: string) =>
      withPassword('true', { args: ['-o', `${option}=${name}`, '-o', 'Ciphers=aes128-ctr'] });
    expect([(await ask(modern)).code, (await ask(old)).code]).toEqual([0, 255]);
  });

  it('D1: exit codes arrive unchanged', async () => {
    for (const code of [0, 1, 42, 255]) {
      expect(await withPassword(`echo out; exit ${code}`)).toMatchObject({ code, stdout: 'out\n' });
    }
  });

  it('D2: does not drop a command whose input ended before it began', async () => {
    for (let i = 0; i < 20; i += 1) {
      expect(await withPassword('cat; echo end', { input: 'x' })).toMatchObject({ code: 0, stdout: 'xend\n' });
    }
  });

  it('D5: serves many sessions on one connection', async () => {
    const socket = join(tempDir(), 'mux');
    const args = ['-o', `ControlPath=${socket}`, '-o', 'ControlMaster=auto', '-o', 'ControlPersist=30'];
    await withPassword('true', { args: [...args] });
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, i) => withPassword(`echo ${i}; exit ${i}`, { args })),
    );
    expect(results.map(({ code, stdout }) => [code, stdout.trim()])).toEqual(
      Array.from({ length: 10 }, (_, i) => [i, String(i)]),
    );
    await run('ssh', ['-o', `ControlPath=${socket}`, '-O', 'exit', destination]);
  });

  it('refuses forwardings and goes on', async () => {
    const result = await withPassword('echo alive', { args: ['-R', '0:127.0.0.1:9', '-A'] });
    expect(result.code).toBe(0);
    expect(result.stdout).toBe('alive\n');
  });
});
