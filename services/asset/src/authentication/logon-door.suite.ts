import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { UserId } from '@sallyport/contracts';
import { RecordingAuditPublisher } from '@sallyport/messaging/testing';
import type { SealedBox } from '@sallyport/sealing';
import { seal, SealingKey } from '@sallyport/sealing';
import { formatUserauthRequest, PrivateKey, SshReader } from '@sallyport/ssh-keys';
import { newKey as newAuthorityKey } from '@sallyport/ssh-keys/testing';
import { TokenSigner, TokenVerifier } from '@sallyport/tokens';
import { expect } from 'vitest';
import { FakeCertificateAuthorities } from '../certificate/certificate-authorities.fake.js';
import { newAuthority } from '../certificate/certificate-authority.js';
import { CheckCertificate } from '../certificate/check-certificate.js';
import { FakeRevocations } from '../certificate/revocations.fake.js';
import { CheckCode } from '../factor/check-code.js';
import { FactorCipher } from '../factor/factor-cipher.js';
import { FakeTotpFactors } from '../factor/totp-factors.fake.js';
import { Passwords } from '../password/passwords.js';
import { newUserKey } from '../public-key/public-key.js';
import { FakePublicKeys } from '../public-key/public-keys.fake.js';
import { FakeFailedSignIns } from '../sign-in/failed-sign-ins.fake.js';
import { RateLimit } from '../sign-in/rate-limit.js';
import { CheckTicket } from '../ticket/check-ticket.js';
import { FakeTickets } from '../ticket/tickets.fake.js';
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
export const verifier = TokenVerifier.fromPem(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString());
const sealingKey = await SealingKey.generate();
const passwords = await Passwords.create();
export const cipher = FactorCipher.fromBase64(randomBytes(32).toString('base64'));

export const newKey = (type: 'ed25519' | 'ec'): { pem: string; key: PrivateKey } => {
  const { privateKey } =
    type === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { pem, key: PrivateKey.parse(pem) };
};
export const [aliceKey, aliceEcKey, bobKey] = [newKey('ed25519'), newKey('ec'), newKey('ed25519')];
/** Of the authority whose certificates the door takes. */
export const ca = newAuthorityKey();

const sessionId = randomBytes(32);
/** The one connection that everybody is on, unless a test says otherwise. */
export const connection = createHash('sha256').update(sessionId).digest('hex');

interface Blob {
  sessionId?: Buffer;
  userName?: string;
  serviceName?: string;
  algorithm?: string;
  signAs?: PrivateKey;
}

/** What a client with a key sends. */
export function signature(key: PrivateKey, userName: string, blob: Blob = {}): Evidence {
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
export function certified(publicKeyBlob: Buffer, algorithm: string, sign: (data: Buffer) => Buffer): Evidence {
  const request = { sessionId, userName: 'alice', serviceName: 'ssh-connection', algorithm, publicKeyBlob };
  const signed = formatUserauthRequest(request);
  return { method: 'publickey', signed: signed.toString('base64'), signature: sign(signed).toString('base64') };
}

/** What somebody typed, as session hands it on. */
export const sealed = (text: string, aad = connection): Promise<SealedBox> =>
  seal(sealingKey.publicKey, Buffer.from(text), aad);

/** What a client with a password, or a ticket in its place, sends. */
export const password = async (text: string, aad = connection): Promise<Evidence> => ({
  method: 'password',
  password: await sealed(text, aad),
});

type Answer = Awaited<ReturnType<AuthenticateUser['run']>>;

/** AuthenticateUser with all that stands behind it in memory. `alice` has a password and two keys, `bob` has one key. */
export class LogonDoor {
  readonly audit = new RecordingAuditPublisher();
  readonly users = new FakeUsers();
  readonly factors = new FakeTotpFactors();
  readonly tickets = new FakeTickets();
  now = new Date();
  readonly #publicKeys = new FakePublicKeys();
  readonly #authorities = new FakeCertificateAuthorities();
  readonly #authenticate: AuthenticateUser;

  static async open(): Promise<LogonDoor> {
    const alice = await newUser('alice', 'correct horse');
    const door = new LogonDoor(alice);
    await door.#authorities.add(newAuthority('staff', `ssh-ed25519 ${ca.publicKeyBlob.toString('base64')}`, door.now));
    await door.#add(alice, aliceKey.key, aliceEcKey.key);
    await door.#add(await newUser('bob', undefined), bobKey.key);
    return door;
  }

  private constructor(readonly alice: StoredUser) {
    const clock = { now: () => this.now };
    const rateLimit = new RateLimit(new FakeFailedSignIns(), clock);
    const checkCode = new CheckCode(rateLimit, cipher, sealingKey, clock);
    const checkCertificate = new CheckCertificate(this.#authorities, new FakeRevocations(), clock);
    this.#authenticate = new AuthenticateUser(
      new FakeTransaction(),
      new JudgeEvidence(
        rateLimit,
        new CheckPassword(this.users, passwords, sealingKey),
        new CheckTicket(this.users, this.tickets, sealingKey, clock),
        new CheckSignature(this.users, this.#publicKeys, checkCertificate),
        new CheckSecondFactor(verifier, this.users, this.factors, checkCode),
      ),
      this.factors,
      new UseUpEvidence(new FakeUsedEvidence(), this.factors, this.tickets, clock),
      rateLimit,
      signer,
      clock,
      this.audit,
    );
  }

  /** What session is told about evidence. */
  answerTo(sshUserName: string, evidence: Evidence, claim: Partial<Claim> = {}): Promise<Answer> {
    const username = sshUserName.split(/[@+]/)[0] ?? '';
    return this.#authenticate.run({
      username,
      sshUserName,
      clientAddress: '192.0.2.7',
      connection,
      evidence,
      ...claim,
    });
  }

  /** @returns the identity */
  async prove(...proof: Parameters<LogonDoor['answerTo']>): Promise<string> {
    const answer = await this.answerTo(...proof);
    if (!('identity' in answer)) throw new Error('a code is needed as well');
    return answer.identity;
  }

  /** Expects a refusal in the words that everybody gets. @returns why, for auditors alone */
  async refused(attempt: Promise<unknown>): Promise<unknown> {
    await expect(attempt).rejects.toMatchObject({ code: 'access.unauthenticated', message: 'not authenticated' });
    return this.audit.named('user.authentication-failed').at(-1)?.['reason'];
  }

  async #add(user: StoredUser, ...keys: PrivateKey[]): Promise<void> {
    await this.users.add(user);
    for (const { publicKeyBlob } of keys) {
      const type = new SshReader(publicKeyBlob).text();
      await this.#publicKeys.add(newUserKey(user.id, `${type} ${publicKeyBlob.toString('base64')}`));
    }
  }
}

async function newUser(username: string, text: string | undefined): Promise<StoredUser> {
  const passwordHash = text === undefined ? undefined : await passwords.hash(Buffer.from(text));
  return { id: UserId.parse(randomUUID()), username, passwordHash, roles: ['operator'], status: 'active' };
}
