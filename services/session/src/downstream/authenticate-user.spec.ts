import { InMemoryBus } from '@sallyport/messaging/testing';
import { formatUserauthRequest, PrivateKey } from '@sallyport/ssh-keys';
import { makeUserKey } from '@sallyport/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeAsset } from '../testing/fake-asset.js';
import { makeTestKeys } from '../testing/keys.js';
import { AuthenticateUser } from './authenticate-user.js';

const user = 'alice@ops@web-1';
const sessionId = Buffer.alloc(32, 7);
let told: string[];
let asset: FakeAsset;
let authenticate: AuthenticateUser;
let hers: PrivateKey;
let herLine: string;

beforeEach(async () => {
  const keys = await makeTestKeys();
  const made = await makeUserKey('ed25519');
  hers = PrivateKey.parse(made.privateKey);
  herLine = made.publicKey;
  asset = new FakeAsset(keys);
  asset.publicKeys = [herLine];
  const bus = new InMemoryBus();
  asset.answer((contract, handler) => bus.handle(contract, handler));
  told = [];
  authenticate = new AuthenticateUser(
    bus,
    keys.verifier,
    { sealTo: keys.assetSealing.publicKey, maxTries: 3 },
    {
      address: '192.0.2.1',
      sessionId,
      tell: (error) => {
        told.push(error instanceof Error ? error.message : '');
        return 'line';
      },
    },
  );
});

const query = (publicKey: Buffer, algorithm = 'ssh-ed25519') =>
  authenticate.decide({ method: 'publickey-query', user, algorithm, publicKey });
const password = (text: string) => authenticate.decide({ method: 'password', user, password: Buffer.from(text) });
const sign = (key: PrivateKey, of = sessionId) => {
  const request = { sessionId: of, userName: user, serviceName: 'ssh-connection', algorithm: 'ssh-ed25519' };
  const signed = formatUserauthRequest({ ...request, publicKeyBlob: key.publicKeyBlob });
  const { algorithm } = request;
  const signature = key.sign(algorithm, signed);
  return authenticate.decide({ method: 'publickey', user, algorithm, publicKey: key.publicKeyBlob, signed, signature });
};

describe('AuthenticateUser', () => {
  it('A5: a key that was only offered is no identity', async () => {
    expect(await query(hers.publicKeyBlob)).toEqual({ kind: 'sign' });
    expect(authenticate.result).toBeUndefined();
    const stranger = PrivateKey.parse((await makeUserKey('ed25519')).privateKey);
    expect((await sign(stranger)).kind).toBe('refuse');
    expect(authenticate.result).toBeUndefined();
  });

  it('A5: the identity is that of the key that signed, whatever was offered in between', async () => {
    await query(hers.publicKeyBlob);
    const stranger = PrivateKey.parse((await makeUserKey('ed25519')).privateKey);
    expect((await query(stranger.publicKeyBlob)).kind).toBe('refuse');
    expect(await sign(hers)).toEqual({ kind: 'accept' });
    expect(authenticate.result?.claims).toMatchObject({ username: 'alice', method: 'publickey' });
  });

  it('does not take a signature that was made for another connection', async () => {
    expect((await sign(hers, Buffer.alloc(32, 8))).kind).toBe('refuse');
  });

  it('refuses RSA with SHA-1 and keys of kinds it does not know, without asking', async () => {
    expect((await query(hers.publicKeyBlob, 'ssh-rsa')).kind).toBe('refuse');
    expect((await query(hers.publicKeyBlob, 'ssh-dss')).kind).toBe('refuse');
    expect(asset.asked).toEqual([]);
  });

  it('sends a client away after too many wrong proofs, and tells it once', async () => {
    expect(await password('a')).toMatchObject({ kind: 'refuse' });
    expect(await password('b')).toMatchObject({ kind: 'refuse' });
    expect(await password('c')).toMatchObject({ kind: 'disconnect' });
    expect(told).toHaveLength(1);
  });

  it('A6: does not count offered keys as wrong proofs, and names the limit of offers', async () => {
    const stranger = PrivateKey.parse((await makeUserKey('ed25519')).privateKey);
    for (let i = 0; i < 64; i += 1) expect((await query(stranger.publicKeyBlob)).kind).toBe('refuse');
    expect(told).toEqual([]);
    expect((await query(stranger.publicKeyBlob)).kind).toBe('disconnect');
    expect(told[0]).toContain('64 keys');
  });

  it('none is a question, not a proof', async () => {
    expect(await authenticate.decide({ method: 'none', user })).toEqual({
      kind: 'refuse',
      methods: ['publickey', 'password', 'keyboard-interactive'],
    });
    expect(told).toEqual([]);
  });
});
