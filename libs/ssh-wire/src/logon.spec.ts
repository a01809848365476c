import { PrivateKey, verifySignature } from '@sallyport/ssh-keys';
import { describe, expect, it } from 'vitest';
import { loopback, once, password } from './loopback.suite.js';
import { connectTarget, dial, PATIENCE_MS, rsaHostKey } from './shell-server.fake.js';
import { Transport } from './transport/transport.js';
import type { AuthAttempt } from './user-auth/auth-attempt.js';

const { serve, logOn } = loopback();

describe('our client and our server', () => {
  it('agree on the session identifier, and on modern algorithms', async () => {
    const seen: Buffer[] = [];
    const port = await serve({
      decide: (_, client) => {
        seen.push(client.sessionId);
        return Promise.resolve({ kind: 'accept' });
      },
    });
    const target = await logOn(port);
    expect(seen[0]?.equals(target.sessionId)).toBe(true);
    expect(target.sessionId).toHaveLength(32);
    expect(target.ident).toBe('Sallyport');
    const transport = await Transport.connect(await dial(port), { ident: 'x', handshakeTimeoutMs: PATIENCE_MS });
    expect(transport.algorithms).toEqual({
      kex: 'mlkem768x25519-sha256',
      hostKey: 'rsa-sha2-512',
      sending: 'aes128-gcm@openssh.com',
      receiving: 'aes128-gcm@openssh.com',
    });
    transport.disconnect(11, '');
  });

  it('B13: sends nothing about the user when the host key is refused', async () => {
    const attempts: AuthAttempt[] = [];
    const port = await serve({
      decide: (attempt) => {
        attempts.push(attempt);
        return Promise.resolve({ kind: 'accept' });
      },
    });
    const verifyHostKey = (): Promise<void> => Promise.reject(new Error('not my host'));
    await expect(connectTarget(port, { verifyHostKey })).rejects.toThrow('not my host');
    expect(attempts).toEqual([]);
  });

  it('B4: tries a second password on the same connection', async () => {
    const tried: string[] = [];
    const port = await serve({
      decide: (attempt) => {
        if (attempt.method !== 'password') return Promise.resolve({ kind: 'refuse', methods: ['password'] });
        tried.push(attempt.password.toString());
        const good = attempt.password.toString() === 'new';
        return Promise.resolve(good ? { kind: 'accept' } : { kind: 'refuse', methods: ['password'] });
      },
    });
    const target = await connectTarget(port);
    const refusals: unknown[] = [];
    await target.authenticate('root', (refusal) => {
      refusals.push(refusal);
      return Promise.resolve(password(refusal ? 'new' : 'old'));
    });
    expect(tried).toEqual(['old', 'new']);
    expect(refusals).toEqual([
      undefined,
      { method: 'password', methods: ['password'], partial: false, expired: false },
    ]);
    target.disconnect(11, '');
  });

  it('says so when every credential is refused', async () => {
    const port = await serve({ decide: () => Promise.resolve({ kind: 'refuse', methods: ['password'] }) });
    const target = await connectTarget(port);
    await expect(target.authenticate('root', once(password('x')))).rejects.toMatchObject({ kind: 'refused' });
    target.disconnect(11, '');
  });

  it('says so when the server ends the connection during authentication', async () => {
    const port = await serve({ decide: () => Promise.resolve({ kind: 'disconnect', text: 'go away' }) });
    const target = await connectTarget(port);
    await expect(target.authenticate('root', once(password('x')))).rejects.toMatchObject({
      kind: 'closed',
      message: expect.stringContaining('go away') as string,
    });
  });

  it('hands on evidence that another process can verify', async () => {
    const key = PrivateKey.parse(rsaHostKey());
    const attempts: AuthAttempt[] = [];
    const port = await serve({
      decide: (attempt) => {
        attempts.push(attempt);
        return Promise.resolve({ kind: 'accept' });
      },
    });
    const target = await connectTarget(port);
    const sign = (data: Buffer): Promise<Buffer> => Promise.resolve(key.sign('rsa-sha2-256', data));
    await target.authenticate(
      'alice@root@web-1',
      once({ method: 'publickey', publicKey: key.publicKeyBlob, algorithms: ['rsa-sha2-256'], sign }),
    );
    const [attempt] = attempts;
    if (attempt?.method !== 'publickey') throw new Error('no signature came');
    expect(attempt.signed.subarray(4, 36).equals(target.sessionId)).toBe(true);
    const { algorithm, publicKey: publicKeyBlob, signed: data, signature: signatureBlob } = attempt;
    expect(verifySignature({ algorithm, publicKeyBlob, data, signatureBlob })).toBe(true);
    target.disconnect(11, '');
  });
});
