import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import { TicketId, UserId } from '@sallyport/contracts';
import { RecordingAuditPublisher } from '@sallyport/messaging/testing';
import { seal, SealingKey } from '@sallyport/sealing';
import { formatUserauthRequest, PrivateKey, SshReader, SshWriter } from '@sallyport/ssh-keys';
import type { CertificateFields } from '@sallyport/ssh-keys/testing';
import { newKey as newAuthorityKey, softAuthenticator, softCertificate } from '@sallyport/ssh-keys/testing';
import { TokenSigner, TokenVerifier } from '@sallyport/tokens';
import { generateSync } from 'otplib';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeCertificateAuthorities } from '../certificate/certificate-authorities.fake.js';
import { newAuthority } from '../certificate/certificate-authority.js';
import { CheckCertificate } from '../certificate/check-certificate.js';
import { FakeRevocations } from '../certificate/revocations.fake.js';
import { CheckCode } from '../factor/check-code.js';
import { FactorCipher } from '../factor/factor-cipher.js';
import { newSecret } from '../factor/one-time-code.js';
import { FakeTotpFactors } from '../factor/totp-factors.fake.js';
import { Passwords } from '../password/passwords.js';
import { newUserKey } from '../public-key/public-key.js';
import { FakePublicKeys } from '../public-key/public-keys.fake.js';
import { FakeFailedSignIns } from '../sign-in/failed-sign-ins.fake.js';
import { LIMITS, RateLimit } from '../sign-in/rate-limit.js';
import { CheckTicket } from '../ticket/check-ticket.js';
import { FakeTickets } from '../ticket/tickets.fake.js';
import { ticketHash } from '../ticket/ticket.js';
import { FakeTransaction } from '../transaction/transaction.fake.js';
import type { StoredUser } from '../user/user.js';
import { FakeUsers } from '../user/users.fake.js';
import { AuthenticateUser } from './authenticate-user.js';
import { CheckPassword } from './check-password.js';
import { CheckSecondFactor } from './check-second-factor.js';
import { CheckSignature } from './check-signature.js';
import type { Claim, Evidence } from './evidence.js';
import { JudgeEvidence } from './judge-evidence.js';
import { UseUpEvidence } from './use-up-evidence.js';
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
let factors: FakeTotpFactors;
let tickets: FakeTickets;
let now: Date;
const cipher = FactorCipher.fromBase64(randomBytes(32).toString('base64'));

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
let authorities: FakeCertificateAuthorities;
const ca = newAuthorityKey();

beforeEach(async () => {
  audit = new RecordingAuditPublisher();
  users = new FakeUsers();
  publicKeys = new FakePublicKeys();
  authorities = new FakeCertificateAuthorities();
  now = new Date();
  factors = new FakeTotpFactors();
  tickets = new FakeTickets();
  const clock = { now: () => now };
  const rateLimit = new RateLimit(new FakeFailedSignIns(), clock);
  const checkCode = new CheckCode(rateLimit, cipher, sealingKey, clock);
  authenticate = new AuthenticateUser(
    new FakeTransaction(),
    new JudgeEvidence(
      rateLimit,
      new CheckPassword(users, passwords, sealingKey),
      new CheckTicket(users, tickets, sealingKey, clock),
      new CheckSignature(users, publicKeys, new CheckCertificate(authorities, new FakeRevocations(), clock)),
      new CheckSecondFactor(verifier, users, factors, checkCode),
    ),
    factors,
    new UseUpEvidence(new FakeUsedEvidence(), factors, tickets, clock),
    rateLimit,
    signer,
    clock,
    audit,
  );
  await authorities.add(newAuthority('staff', `ssh-ed25519 ${ca.publicKeyBlob.toString('base64')}`, now));
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
/** What a client with a certificate sends. @param sign by the key that is certified */
function certified(publicKeyBlob: Buffer, algorithm: string, sign: (data: Buffer) => Buffer): Evidence {
  const request = { sessionId, userName: 'alice', serviceName: 'ssh-connection', algorithm, publicKeyBlob };
  const signed = formatUserauthRequest(request);
  return { method: 'publickey', signed: signed.toString('base64'), signature: sign(signed).toString('base64') };
}
const password = async (text: string, aad = connection): Promise<Evidence> => ({
  method: 'password',
  password: await seal(sealingKey.publicKey, Buffer.from(text), aad),
});
type Answer = Awaited<ReturnType<AuthenticateUser['run']>>;
function answerTo(sshUserName: string, evidence: Evidence, claim: Partial<Claim> = {}): Promise<Answer> {
  const username = sshUserName.split(/[@+]/)[0] ?? '';
  return authenticate.run({ username, sshUserName, clientAddress: '192.0.2.7', connection, evidence, ...claim });
}
async function prove(...proof: Parameters<typeof answerTo>): Promise<string> {
  const answer = await answerTo(...proof);
  if (!('identity' in answer)) throw new Error('a code is needed as well');
  return answer.identity;
}
async function refused(attempt: Promise<unknown>): Promise<unknown> {
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

describe('A7: a user with one-time codes', () => {
  let secret: string;
  beforeEach(async () => {
    secret = newSecret();
    const encryptedSecret = cipher.encrypt(Buffer.from(secret), alice.id);
    await factors.begin({ userId: alice.id, encryptedSecret, status: 'pending', createdAt: now });
  });
  const first = async (evidence: Evidence, claim: Partial<Claim> = {}): Promise<string> => {
    const answer = await answerTo('alice', evidence, claim);
    if (!('firstFactor' in answer)) throw new Error('no code was asked for');
    return answer.firstFactor;
  };
  const codeAt = (at: Date): string => generateSync({ secret, epoch: Math.floor(at.getTime() / 1_000) });
  const code = async (firstFactor: string, digits = codeAt(now), aad = connection): Promise<Evidence> => ({
    method: 'code',
    code: await seal(sealingKey.publicKey, Buffer.from(digits), aad),
    firstFactor,
  });

  it('is not asked while they are not confirmed', async () => {
    await prove('alice', await password('correct horse'));
  });

  describe('that are confirmed', () => {
    beforeEach(() => factors.activate(alice.id));

    it.each(['password', 'publickey'] as const)('needs a code after the %s', async (method) => {
      const evidence = method === 'password' ? await password('correct horse') : signature(aliceKey.key, 'alice');
      const firstFactor = await first(evidence);
      expect(audit.named('user.authenticated')).toEqual([]);
      expect(audit.named('user.factor-accepted')).toMatchObject([{ userId: alice.id, method, connection }]);
      const identity = await verifier.identity(await prove('alice', await code(firstFactor)), 'ssh');
      expect(identity).toMatchObject({ userId: alice.id, method, secondFactor: 'totp', connection });
      expect(audit.named('user.authenticated')).toMatchObject([{ userId: alice.id, method, secondFactor: 'totp' }]);
    });

    it('is held to the terms of a certificate after the code as well', async () => {
      const terms = { principals: ['alice'], criticalOptions: [['force-command', 'uptime'] as const] };
      const blob = softCertificate(ca, aliceKey.key.publicKeyBlob, terms);
      const sign = (data: Buffer) => aliceKey.key.sign('ssh-ed25519', data);
      const firstFactor = await first(certified(blob, 'ssh-ed25519-cert-v01@openssh.com', sign));
      const { certificate } = await verifier.identity(await prove('alice', await code(firstFactor)), 'ssh');
      expect(certificate).toMatchObject({ forceCommand: 'uptime', permits: { terminal: false } });
    });

    it('is refused with a wrong code, and let in with the right one after it', async () => {
      const firstFactor = await first(await password('correct horse'));
      const wrong = codeAt(now) === '000000' ? '000001' : '000000';
      expect(await refused(prove('alice', await code(firstFactor, wrong)))).toBe('wrong-code');
      await prove('alice', await code(firstFactor));
    });

    it('uses a code once, and none that is earlier', async () => {
      await prove('alice', await code(await first(await password('correct horse'))));
      const again = await first(await password('correct horse'));
      expect(await refused(prove('alice', await code(again)))).toBe('replayed');
      const earlier = codeAt(new Date(now.getTime() - 30_000));
      expect(await refused(prove('alice', await code(again, earlier)))).toBe('replayed');
      const later = codeAt(new Date(now.getTime() + 30_000));
      await prove('alice', await code(again, later));
    });

    it('uses a first factor for one logon', async () => {
      const firstFactor = await first(await password('correct horse'));
      await prove('alice', await code(firstFactor));
      const later = codeAt(new Date(now.getTime() + 30_000));
      expect(await refused(prove('alice', await code(firstFactor, later)))).toBe('replayed');
    });

    it('is believed no first factor of another connection, address or user, no identity for one, and no code sealed for others', async () => {
      const firstFactor = await first(await password('correct horse'));
      const otherConnection = 'f'.repeat(64);
      const onOther = await code(firstFactor, codeAt(now), otherConnection);
      expect(await refused(prove('alice', onOther, { connection: otherConnection }))).toBe('malformed');
      expect(await refused(prove('alice', await code(firstFactor), { clientAddress: '192.0.2.8' }))).toBe('malformed');
      expect(await refused(prove('bob', await code(firstFactor)))).toBe('malformed');
      expect(await refused(prove('alice', onOther))).toBe('malformed');
      const bob = await prove('bob', signature(bobKey.key, 'bob'));
      for (const forged of [bob, '', 'e30.e30.e30'])
        expect(await refused(prove('alice', await code(forged)))).toBe('malformed');
      await expect(verifier.identity(firstFactor, 'ssh')).rejects.toMatchObject({ code: 'access.unauthenticated' });
    });

    it('is not looked at any more after so many wrong codes, from wherever they came', async () => {
      await prove('alice', await code(await first(signature(aliceKey.key, 'alice'))));
      for (let i = 0; i < LIMITS.codesPerUser; i += 1) {
        const clientAddress = `198.51.100.${i}`;
        const firstFactor = await first(await password('correct horse'), { clientAddress });
        await refused(prove('alice', await code(firstFactor, 'x'), { clientAddress }));
      }
      const later = codeAt(new Date(now.getTime() + 30_000));
      const attempt = prove('alice', await code(await first(await password('correct horse')), later));
      await expect(attempt).rejects.toMatchObject({ code: 'sign-in.rate-limited', retryable: true });
      expect(audit.named('user.authentication-failed').at(-1)).toMatchObject({
        method: 'code',
        reason: 'rate-limited',
      });
    });
  });
});

describe('a key with a certificate', () => {
  const principals = ['alice'];

  it.each(['sk-ssh-ed25519', 'sk-ecdsa-sha2-nistp256'] as const)(
    'in an authenticator (%s) shows a PIN where the certificate asks for one',
    async (name) => {
      const key = softAuthenticator(`${name}@openssh.com`);
      const [plain, strict] = [{ principals }, { principals, criticalOptions: [['verify-required'] as const] }];
      const logOn = (fields: CertificateFields, flags: number) => {
        const blob = softCertificate(ca, key.publicKeyBlob, fields);
        const made = certified(blob, `${name}-cert-v01@openssh.com`, (data) => key.sign(data, { flags }));
        return prove('alice', made);
      };
      await logOn(plain, 1);
      await logOn(strict, 5);
      expect(await refused(logOn(strict, 1))).toBe('bad-signature');
      expect(await refused(logOn(plain, 0))).toBe('bad-signature');
    },
  );

  it('of RSA signs by SHA-2, as the client says, and not by SHA-1', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = PrivateKey.parse(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    const blob = softCertificate(ca, key.publicKeyBlob, { principals, type: 'ssh-rsa-cert-v01@openssh.com' });
    const logOn = (asked: string, by = asked) =>
      prove(
        'alice',
        certified(blob, `${asked}-cert-v01@openssh.com`, (data) => key.sign(by, data)),
      );
    await logOn('rsa-sha2-512');
    await logOn('rsa-sha2-256');
    expect(await refused(logOn('rsa-sha2-512', 'rsa-sha2-256'))).toBe('bad-signature');
    const sha1 = (data: Buffer) =>
      new SshWriter()
        .string('ssh-rsa')
        .string(sign('sha1', data, privateKey))
        .bytes();
    for (const algorithm of ['ssh-rsa-cert-v01@openssh.com', 'ssh-rsa'])
      expect(await refused(prove('alice', certified(blob, algorithm, sha1)))).toBe('bad-signature');
  });
});

describe('A8: a ticket', () => {
  const text = `spt_${randomBytes(32).toString('base64url')}`;
  const issue = async (uses: number, more: { expiresAt?: Date; username?: string } = {}): Promise<TicketId> => {
    const userId = (await users.byName(more.username ?? 'alice'))?.id ?? alice.id;
    const id = TicketId.parse(randomUUID());
    const expiresAt = more.expiresAt ?? new Date(now.getTime() + 60_000);
    const target = { hostId: undefined, accountId: undefined };
    const hash = ticketHash(Buffer.from(text)) ?? '';
    await tickets.add({ id, ticketHash: hash, userId, ...target, uses, usesLeft: uses, createdAt: now, expiresAt });
    return id;
  };

  it('is as good as a password, as often as it says, and needs no code', async () => {
    const encryptedSecret = cipher.encrypt(Buffer.from(newSecret()), alice.id);
    await factors.begin({ userId: alice.id, encryptedSecret, status: 'active', createdAt: now });
    const ticketId = await issue(2);
    for (let i = 0; i < 2; i += 1) {
      const identity = await verifier.identity(await prove('alice@web-1', await password(text)), 'ssh');
      expect(identity).toMatchObject({ method: 'ticket', ticket: { ticketId } });
    }
    expect(audit.named('user.authenticated').at(-1)).toMatchObject({ method: 'ticket', ticketId });
    expect(await refused(prove('alice', await password(text)))).toBe('used-ticket');
    expect(JSON.stringify(audit.events)).not.toContain(text);
  });

  it('is refused when its time is over, of another user, and when it is none', async () => {
    await issue(5, { expiresAt: now });
    expect(await refused(prove('alice', await password(text)))).toBe('expired-ticket');
    expect(await refused(prove('bob', await password(text)))).toBe('bad-ticket');
    expect(await refused(prove('alice', await password(`spt_${'x'.repeat(43)}`)))).toBe('bad-ticket');
    expect(await refused(prove('alice', await password(`${text}x`)))).toBe('wrong-password');
  });

  it('lets nobody in who is locked', async () => {
    const id = await issue(1);
    await users.save({ ...alice, status: 'locked' });
    expect(await refused(prove('alice', await password(text)))).toBe('locked');
    expect(await tickets.use(id, now)).toBe(true);
  });
});

describe('A9: a user whom a rule keeps out', () => {
  it.each([
    ['expired', { validUntil: '2026-01-01T00:00:00.000Z' }],
    ['not-yet-valid', { validFrom: '2126-01-01T00:00:00.000Z' }],
    ['denied-address', { allowedAddresses: ['198.51.100.0/24'] }],
    [
      'out-of-hours',
      { logonHours: { timeZone: 'UTC', windows: [{ days: ['monday' as const], from: '03:00', until: '03:01' }] } },
    ],
  ])('is refused as %s in the same words as everybody', async (reason, rules) => {
    now = new Date('2026-11-24T10:00:00Z');
    await users.save({ ...alice, ...rules });
    expect(await refused(prove('alice', signature(aliceKey.key, 'alice')))).toBe(reason);
    expect(await refused(prove('alice', await password('correct horse')))).toBe(reason);
    expect(await refused(prove('alice', await password('wrong horse')))).toBe('wrong-password');
  });
});

describe('A6: somebody who guesses passwords', () => {
  it('is not heard any more after so many; keys go on working, and so does who has been there before', async () => {
    await prove('alice', await password('correct horse'), { clientAddress: '203.0.113.7' });
    for (let i = 0; i < LIMITS.perUser; i += 1)
      expect(await refused(prove('alice', await password('guess'), { clientAddress: `198.51.100.${i}` }))).toBe(
        'wrong-password',
      );
    const attempt = prove('alice', await password('correct horse'));
    await expect(attempt).rejects.toMatchObject({ code: 'sign-in.rate-limited', message: /try again in 15 minutes/ });
    expect(audit.named('user.authentication-failed').at(-1)).toMatchObject({ reason: 'rate-limited' });
    await prove('alice', signature(aliceKey.key, 'alice'));
    await prove('alice', await password('correct horse'), { clientAddress: '203.0.113.7' });
  });

  it('counts no key that is unknown or signs wrongly', async () => {
    for (let i = 0; i < LIMITS.perAddress; i += 1) {
      const key = newKey('ed25519');
      expect(await refused(prove('alice', signature(key.key, 'alice')))).toBe('unknown-key');
    }
    await prove('alice', await password('correct horse'));
  });
});

/** ECDSA makes another signature each time; both verify. */
function otherSignature(pem: string, signed: string): string {
  const raw = sign('sha256', Buffer.from(signed, 'base64'), { key: createPrivateKey(pem), dsaEncoding: 'ieee-p1363' });
  const numbers = new SshWriter().mpint(raw.subarray(0, 32)).mpint(raw.subarray(32)).bytes();
  return new SshWriter().string('ecdsa-sha2-nistp256').string(numbers).bytes().toString('base64');
}
