import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import { UserId } from '@sallyport/contracts';
import { RecordingAuditPublisher } from '@sallyport/messaging/testing';
import { seal, SealingKey } from '@sallyport/sealing';
import { formatUserauthRequest, PrivateKey, SshReader, SshWriter } from '@sallyport/ssh-keys';
import { TokenSigner, TokenVerifier } from '@sallyport/tokens';
import { beforeEach, describe, expect, it } from 'vitest';
import { Passwords } from '../password/passwords.js';
import { newUserKey } from '../public-key/public-key.js';
import { FakePublicKeys } from '../public-key/public-keys.fake.js';
import { FakeTransaction } from '../transaction/transaction.fake.js';
import type { StoredUser } from '../user/user.js';
import { FakeUsers } from '../user/users.fake.js';
import { AuthenticateUser } from './authenticate-user.js';
import { CheckPassword } from './check-password.js';
import { CheckSignature } from './check-signature.js';
import type { Claim, Evidence } from './evidence.js';
import { FakeUsedEvidence } from './used-evidence.fake.js';

const pair = generateKeyPairSync('ed25519');
const signer = TokenSigner.fromPem(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const verifier = TokenVerifier.fromPem(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString());
const sealingKey = await SealingKey.generate();
const passwords = await Passwords.create();
const newKey = (type: 'ed25519' | 'ec'): { pem: string; key: PrivateKey } => {
  const { privateKey } =
    type === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { pem, key: PrivateKey.parse(pem) };
};
const [aliceKey, aliceEcKey, bobKey, strangeKey] = [
  newKey('ed25519'),
  newKey('ec'),
  newKey('ed25519'),
  newKey('ed25519'),
];

const sessionId = randomBytes(32);
const connection = createHash('sha256').update(sessionId).digest('hex');

let audit: RecordingAuditPublisher;
let users: FakeUsers;
let authenticate: AuthenticateUser;
let alice: StoredUser;

async function addUser(username: string, password: string | undefined, keys: PrivateKey[]): Promise<StoredUser> {
  const passwordHash = password === undefined ? undefined : await passwords.hash(Buffer.from(password));
  const user: StoredUser = {
    id: UserId.parse(randomUUID()),
    username,
    passwordHash,
    roles: ['operator'],
    status: 'active',
  };
  await users.add(user);
  for (const { publicKeyBlob } of keys) {
    const type = new SshReader(publicKeyBlob).text();
    await publicKeys.add(newUserKey(user.id, `${type} ${publicKeyBlob.toString('base64')}`));
  }
  return user;
}
let publicKeys: FakePublicKeys;

beforeEach(async () => {
  audit = new RecordingAuditPublisher();
  users = new FakeUsers();
  publicKeys = new FakePublicKeys();
  authenticate = new AuthenticateUser(
    new FakeTransaction(),
    new CheckPassword(users, passwords, sealingKey),
    new CheckSignature(users, publicKeys),
    new FakeUsedEvidence(),
    signer,
    audit,
  );
  alice = await addUser('alice', 'correct horse', [aliceKey.key, aliceEcKey.key]);
  await addUser('bob', undefined, [bobKey.key]);
});

interface Blob {
  sessionId?: Buffer;
  userName?: string;
  serviceName?: string;
  algorithm?: string;
  signAs?: PrivateKey;
}
function signature(key: PrivateKey, userName: string, blob: Blob = {}): Evidence {
  const algorithm = blob.algorithm ?? new SshReader(key.publicKeyBlob).text();
  const signed = formatUserauthRequest({
    sessionId: blob.sessionId ?? sessionId,
    userName: blob.userName ?? userName,
    serviceName: blob.serviceName ?? 'ssh-connection',
    algorithm,
    publicKeyBlob: key.publicKeyBlob,
  });
  const made = (blob.signAs ?? key).sign(algorithm, signed);
  return { method: 'publickey', signed: signed.toString('base64'), signature: made.toString('base64') };
}
const password = async (text: string, aad = connection): Promise<Evidence> => ({
  method: 'password',
  password: await seal(sealingKey.publicKey, Buffer.from(text), aad),
});
function prove(sshUserName: string, evidence: Evidence, claim: Partial<Claim> = {}): Promise<string> {
  const username = sshUserName.split(/[@+]/)[0] ?? '';
  return authenticate.run({ username, sshUserName, clientAddress: '192.0.2.7', connection, evidence, ...claim });
}
async function refused(attempt: Promise<string>): Promise<unknown> {
  await expect(attempt).rejects.toMatchObject({ code: 'access.unauthenticated', message: 'not authenticated' });
  return audit.named('user.authentication-failed').at(-1)?.['reason'];
}

describe('AuthenticateUser', () => {
  it.each(['alice@root@web-1', 'alice+root+web-1', 'alice@web-1', 'alice'])(
    'believes a signature for the user name %s',
    async (name) => {
      const identity = await verifier.identity(await prove(name, signature(aliceKey.key, name)), 'ssh');
      expect(identity).toMatchObject({ userId: alice.id, username: 'alice', method: 'publickey', connection });
      expect(audit.named('user.authenticated')).toMatchObject([{ userId: alice.id, connection, method: 'publickey' }]);
    },
  );

  it('believes a password that was sealed for this connection', async () => {
    const identity = await verifier.identity(await prove('alice@web-1', await password('correct horse')), 'ssh');
    expect(identity).toMatchObject({ userId: alice.id, method: 'password', connection });
  });

  it('A5: takes who signed, never who was offered: alice’s key does not make bob, nor a key of nobody', async () => {
    expect(await refused(prove('bob', signature(aliceKey.key, 'bob')))).toBe('unknown-key');
    expect(await refused(prove('alice', signature(strangeKey.key, 'alice')))).toBe('unknown-key');
    expect(await refused(prove('alice', signature(aliceKey.key, 'alice', { signAs: strangeKey.key })))).toBe(
      'bad-signature',
    );
    const asBob = await verifier.identity(await prove('bob', signature(bobKey.key, 'bob')), 'ssh');
    expect(asBob.username).toBe('bob');
  });

  it.each([
    ['another connection', { sessionId: randomBytes(32) }],
    ['another user name', { userName: 'alice@db-1' }],
    ['another service', { serviceName: 'ssh-userauth' }],
  ])('refuses a signature for %s', async (_, blob) => {
    expect(await refused(prove('alice', signature(aliceKey.key, 'alice', blob)))).toBe('malformed');
  });

  it('refuses a user name whose USER is not the one that is asked for', async () => {
    expect(await refused(prove('alice@web-1', signature(aliceKey.key, 'alice@web-1'), { username: 'bob' }))).toBe(
      'malformed',
    );
  });

  it('refuses what does not parse', async () => {
    const junk: Evidence = { method: 'publickey', signed: 'AAAA', signature: '' };
    expect(await refused(prove('alice', junk))).toBe('malformed');
    const sealedForOther = await password('correct horse', 'f'.repeat(64));
    expect(await refused(prove('alice', sealedForOther))).toBe('malformed');
  });

  it('refuses a wrong password, an unknown user and a user without a password in the same words', async () => {
    expect(await refused(prove('alice', await password('wrong horse')))).toBe('wrong-password');
    expect(await refused(prove('nobody', await password('correct horse')))).toBe('unknown-user');
    expect(await refused(prove('bob', await password('')))).toBe('wrong-password');
    expect(await refused(prove('nobody', signature(aliceKey.key, 'nobody')))).toBe('unknown-user');
  });

  it('refuses a locked user, but tells auditors only when the evidence was good', async () => {
    await users.save({ ...alice, status: 'locked' });
    expect(await refused(prove('alice', signature(aliceKey.key, 'alice')))).toBe('locked');
    expect(await refused(prove('alice', await password('correct horse')))).toBe('locked');
    expect(await refused(prove('alice', await password('wrong horse')))).toBe('wrong-password');
  });

  it('takes the same evidence once', async () => {
    for (const evidence of [signature(aliceKey.key, 'alice'), await password('correct horse')]) {
      await prove('alice', evidence);
      expect(await refused(prove('alice', evidence))).toBe('replayed');
    }
  });

  it('takes a turned-round ECDSA signature over the same bytes as the same evidence', async () => {
    const evidence = signature(aliceEcKey.key, 'alice');
    if (evidence.method !== 'publickey') throw new Error('unexpected');
    await prove('alice', evidence);
    const twin = otherSignature(aliceEcKey.pem, evidence.signed);
    expect(twin).not.toBe(evidence.signature);
    expect(await refused(prove('alice', { ...evidence, signature: twin }))).toBe('replayed');
  });

  it('decides nothing that cannot be recorded', async () => {
    audit.fail();
    const evidence = await password('correct horse');
    await expect(prove('alice', evidence)).rejects.toMatchObject({ code: 'audit.unavailable' });
    await expect(prove('alice', await password('wrong horse'))).rejects.toMatchObject({ code: 'audit.unavailable' });
  });
});

/** ECDSA makes another signature each time; both verify. */
function otherSignature(pem: string, signed: string): string {
  const raw = sign('sha256', Buffer.from(signed, 'base64'), { key: createPrivateKey(pem), dsaEncoding: 'ieee-p1363' });
  const numbers = new SshWriter().mpint(raw.subarray(0, 32)).mpint(raw.subarray(32)).bytes();
  return new SshWriter().string('ecdsa-sha2-nistp256').string(numbers).bytes().toString('base64');
}
