import { randomBytes } from 'node:crypto';
import { fingerprint, PrivateKey, verifySignature } from '@sallyport/ssh-keys';
import { canRunSshd, makeUserKey, startSshd, waitFor } from '@sallyport/testing';
import type { SshdHost } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTarget, runCommand } from './shell-server.fake.js';
import type { SshTarget, SshTargetOptions } from './upstream.js';
import type { AuthRefusal, Credential } from './user-auth/request-user-auth.js';

const able = canRunSshd();
const suite = able.ok ? describe : describe.skip;
const title = `our client with OpenSSH’s server${able.ok ? '' : ` (skipped: ${able.reason})`}`;

suite(title, () => {
  let host: SshdHost;
  beforeAll(async () => {
    host = await startSshd({
      accounts: [{ name: 'ops', password: 'right' }],
      config: 'MaxSessions 2\nLogLevel DEBUG1',
    });
  });
  afterAll(async () => {
    await host.stop();
  });

  const connect = (options: Partial<SshTargetOptions> = {}): Promise<SshTarget> =>
    connectTarget(host.port, options, host.address);
  const password = (text: string): Credential => ({ method: 'password', password: Buffer.from(text) });
  const logOn = async (options: Partial<SshTargetOptions> = {}): Promise<SshTarget> => {
    const target = await connect(options);
    await target.authenticate('ops', (refusal) => Promise.resolve(refusal ? undefined : password('right')));
    return target;
  };

  it.each(['ed25519', 'ecdsa', 'rsa'] as const)(
    'C3, B13: is shown the %s host key when that is the known one, with its signature of this exchange',
    async (type) => {
      const expected = host.hostKeys.find((key) => key.type === type);
      const algorithms = {
        ed25519: ['ssh-ed25519'],
        ecdsa: ['ecdsa-sha2-nistp256'],
        rsa: ['rsa-sha2-512', 'rsa-sha2-256'],
      };
      const target = await connect({ preferHostKeyAlgorithms: algorithms[type] });
      expect(fingerprint(target.hostKey)).toBe(expected?.fingerprint);
      const { hostKey: publicKeyBlob, sessionId: data, hostKeySignature: signatureBlob } = target;
      const [algorithm = ''] = algorithms[type];
      expect(verifySignature({ publicKeyBlob, algorithm, data, signatureBlob })).toBe(true);
      target.disconnect(11, '');
    },
  );

  it('B4: logs on with the third password on one connection', async () => {
    const target = await connect();
    const refusals: (AuthRefusal | undefined)[] = [];
    await target.authenticate('ops', (refusal) => {
      refusals.push(refusal);
      return Promise.resolve(password(['wrong', 'worse', 'right'][refusals.length - 1] ?? ''));
    });
    expect(refusals).toHaveLength(3);
    expect(refusals[1]).toMatchObject({ method: 'password', partial: false });
    target.disconnect(11, '');
  });

  it.each([
    ['ed25519', {}],
    ['rsa', {}],
    ['ecdsa', {}],
  ] as const)('logs on with an %s key that somebody else holds', async (type, options) => {
    const made = await makeUserKey(type, options);
    await host.setAuthorizedKey('ops', made.publicKey);
    const key = PrivateKey.parse(made.privateKey);
    const target = await connect();
    await target.authenticate('ops', (refusal) =>
      Promise.resolve(
        refusal
          ? undefined
          : {
              method: 'publickey',
              publicKey: key.publicKeyBlob,
              algorithms: key.algorithms,
              sign: (data) => Promise.resolve(key.sign(key.algorithms[0] ?? '', data)),
            },
      ),
    );
    const result = await runCommand(await target.start().open('session'), 'id -un');
    expect(result.stdout.toString()).toBe('ops\n');
    target.disconnect(11, '');
  });

  it('D1, D2: keeps output, errors, end of input and exit apart and in order', async () => {
    const target = await logOn();
    const connection = target.start();
    const result = await runCommand(await connection.open('session'), 'cat; echo bad >&2; exit 3', Buffer.from('in'));
    expect(result.stdout.toString()).toBe('in');
    expect(result.stderr.toString()).toBe('bad\n');
    expect(result.exit).toEqual([{ kind: 'exit-status', status: 3 }]);
    const killed = await runCommand(await connection.open('session'), 'kill -TERM $$');
    expect(killed.exit).toMatchObject([{ kind: 'exit-signal', signal: 'TERM' }]);
    target.disconnect(11, '');
  });

  it('D4: tells the reason when sshd opens no further session', async () => {
    const target = await logOn();
    const connection = target.start();
    await connection.open('session');
    await connection.open('session');
    await expect(connection.open('session')).rejects.toMatchObject({ reason: 2 });
    target.disconnect(11, '');
  });

  it('D7: moves 8 MiB there and back over rekeys of ours, which are strict (OpenSSH’s kex-strict)', async () => {
    const before = host.log().length;
    const target = await logOn({ rekeyAfterBytes: 1_000_000 });
    const input = randomBytes(8 * 1024 * 1024);
    const result = await runCommand(await target.start().open('session'), 'cat', input);
    expect(result.stdout.equals(input)).toBe(true);
    target.disconnect(11, '');
    // The session's process there hands its log on.
    const lines = (text: string): number =>
      host
        .log()
        .slice(before)
        .filter((line) => line.includes(text)).length;
    for (const text of ['SSH2_MSG_KEXINIT sent', 'resetting read seqnr'])
      await waitFor(() => lines(text) > 5, { what: `${text}, more than five times` });
  });
});

suite('our client with a server that only asks questions', () => {
  it('answers the one for the password', async () => {
    const host = await startSshd({
      accounts: [{ name: 'ops', password: 'right' }],
      config: 'PasswordAuthentication no\nKbdInteractiveAuthentication yes\nRekeyLimit 1M',
    });
    const target = await connectTarget(host.port, {}, host.address);
    const refusals: (AuthRefusal | undefined)[] = [];
    await target.authenticate('ops', (refusal) => {
      refusals.push(refusal);
      return Promise.resolve({ method: 'password', password: Buffer.from(refusal ? 'right' : 'wrong') });
    });
    expect(refusals).toHaveLength(2);
    const input = randomBytes(4 * 1024 * 1024);
    const result = await runCommand(await target.start().open('session'), 'cat', input);
    expect(result.stdout.equals(input)).toBe(true);
    target.disconnect(11, '');
    await host.stop();
  });
});
