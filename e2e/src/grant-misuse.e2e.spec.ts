import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { GrantId, PinHostKeyV1 } from '@sallyport/contracts';
import {
  parseAuthorizedKey,
  fingerprint,
  formatUserauthRequest,
  type PrivateKey,
  type UserauthRequest,
} from '@sallyport/ssh-keys';
import { SshTarget } from '@sallyport/ssh-wire';
import { makeUserKey, type RestClient } from '@sallyport/testing';
import { TokenSigner } from '@sallyport/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventsOf } from './support/audit.js';
import { CapturedSession, type Grant, type Shown } from './support/captured-session.js';
import { home, signInAs } from './support/sallyport.js';
import { newHostKey, registerSilentHost, type SilentHost } from './support/silent-host.js';
import { readState } from './support/start-sallyport.js';

let admin: RestClient;
let auditor: RestClient;
let session: CapturedSession;
let end: () => Promise<void>;
let host: SilentHost;
const hostKey = newHostKey();
beforeAll(async () => {
  [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
  host = await registerSilentHost(admin, hostKey);
  ({ session, end } = await CapturedSession.start());
  // Where the host took a credential within the last minute, the broker holds no logon back until another one has ended.
  for (const account of ['deploy', 'root'] as const) {
    const { replica, grant } = await opened(account);
    await session.release(replica, grant.claims.grantId, 'accepted');
  }
});
afterAll(() => end());

let startedAt = '';
beforeEach(() => {
  startedAt = new Date().toISOString();
});

/** Refused with this code, and on record with what is known of the grant. */
async function expectRefused(
  attempt: Promise<unknown>,
  operation: 'prepare' | 'open' | 'sign' | 'refresh',
  code: string,
  { reason, grantId }: { reason?: string; grantId?: string } = {},
): Promise<void> {
  await expect(attempt).rejects.toMatchObject({ code });
  await eventsOf(
    auditor,
    'credential.refused',
    ({ time, data }) =>
      time >= startedAt &&
      data['operation'] === operation &&
      data['code'] === code &&
      data['grantId'] === grantId &&
      String(data['reason']).includes(reason ?? ''),
  );
}

const assetKey = readState(home, 'secrets', 'asset-signing.pem');
const strangeKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
/** What session tells of a connection to the host that has this key. */
function shown({ key = hostKey, ...change }: Partial<Shown> & { key?: PrivateKey } = {}): Shown {
  const targetSessionId = randomBytes(32);
  const hostKeySignature = key.sign('ssh-ed25519', targetSessionId);
  return { hostKey: key.publicKeyBlob, targetSessionId, hostKeySignature, ...change };
}
const keyGrant = (target: SilentHost = host) => session.grant(target.name, 'deploy');

/** A credential that is prepared and opened, as it should be. */
async function opened(account: 'deploy' | 'root' = 'deploy') {
  const grant = await session.grant(host.name, account);
  const { replica } = await session.prepare(grant.token);
  const connection = shown();
  const released = await session.open(replica, grant, connection);
  return { grant, replica, connection, released };
}

/** What session may have signed on that connection to the target. */
function userauth({ connection }: { connection: Shown }, change: Partial<UserauthRequest> = {}): Buffer {
  return formatUserauthRequest({
    sessionId: connection.targetSessionId,
    userName: 'deploy',
    serviceName: 'ssh-connection',
    algorithm: 'ssh-ed25519',
    publicKeyBlob: parseAuthorizedKey(host.key.publicKey).blob,
    ...change,
  });
}

describe('a session process that does as it should', () => {
  it('B13: is let in by a target with the key that stays at the broker', async () => {
    const grant = await session.grant('web-2', 'deploy');
    const { replica, kind } = await session.prepare(grant.token);
    expect(kind).toBe('ssh-key');
    const { address, port, hostKeys } = grant.claims.host;
    let attestation: string | undefined;
    const target = await SshTarget.connect(connect({ host: address, port }), {
      ident: 'captured',
      handshakeTimeoutMs: 20_000,
      keepalive: { intervalMs: 15_000, maxMissed: 3 },
      verifyHostKey: async (key) => {
        if (hostKeys.length > 0) expect(hostKeys).toContain(fingerprint(key));
        else attestation = await attest(grant, key);
      },
    });
    await target.authenticate('deploy', async (refusal) => {
      if (refusal) return undefined;
      const { hostKey: key, sessionId: targetSessionId, hostKeySignature } = target;
      const connection = {
        hostKey: key,
        targetSessionId,
        hostKeySignature,
        ...(attestation === undefined ? {} : { attestation }),
      };
      const released = await session.open(replica, grant, connection);
      if (released.kind !== 'ssh-key') throw new Error('not a key');
      const { publicKey, algorithms } = released;
      const sign = (bytes: Buffer) => session.sign(replica, grant, bytes);
      return { method: 'publickey', publicKey: Buffer.from(publicKey, 'base64'), algorithms, sign };
    });
    target.disconnect(11, 'done');
    await eventsOf(auditor, 'credential.signed', ({ data }) => data['grantId'] === grant.claims.grantId);
  });

  it('B13: can open the password that was sealed to it, for that grant and host key alone', async () => {
    const { grant, released } = await opened('root');
    if (released.kind !== 'password') throw new Error('not a password');
    const { grantId } = grant.claims;
    const password = await grant.sealing.open(released.password, `${grantId} ${fingerprint(hostKey.publicKeyBlob)}`);
    expect(password.toString()).toBe(host.password);
    const [known, another] = [hostKey, newHostKey()].map(({ publicKeyBlob }) => fingerprint(publicKeyBlob));
    for (const other of [`${randomUUID()} ${known}`, `${grantId} ${another}`])
      await expect(grant.sealing.open(released.password, other)).rejects.toThrow('does not open');
  });
});

const attest = async ({ token }: Grant, key: Buffer): Promise<string> =>
  (await session.bus.request(PinHostKeyV1, { grant: token, hostKey: key.toString('base64') })).attestation;

describe('B11: a grant', () => {
  it('is refused after its time', async () => {
    const { claims } = await keyGrant();
    const past = TokenSigner.fromPem(assetKey, () => new Date(Date.now() - 120_000));
    const grant = await past.grant({ ...claims, grantId: GrantId.parse(randomUUID()) });
    await expectRefused(session.prepare(grant), 'prepare', 'grant.expired', { reason: 'ERR_JWT_EXPIRED' });
  });

  it('is refused when another key has signed it, or none', async () => {
    const { claims, token } = await keyGrant();
    const forged = await TokenSigner.fromPem(strangeKey).grant(claims);
    const why = { reason: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' };
    await expectRefused(session.prepare(forged), 'prepare', 'grant.invalid', why);
    const [, payload = ''] = token.split('.');
    const header = Buffer.from('{"alg":"none","typ":"sallyport-grant+jwt"}').toString('base64url');
    await expectRefused(session.prepare(`${header}.${payload}.`), 'prepare', 'grant.invalid', {
      reason: 'ERR_JOSE_ALG_NOT_ALLOWED',
    });
  });

  it('is no identity, and an identity is no grant', async () => {
    const why = { reason: 'ERR_JWT_CLAIM_VALIDATION_FAILED' };
    await expectRefused(session.prepare(await session.identity()), 'prepare', 'grant.invalid', why);
    const { token } = await keyGrant();
    await expect(session.authorize(token, host.name)).rejects.toMatchObject({ code: 'access.unauthenticated' });
  });

  it('is good once, also when it is shown several times at the same moment', async () => {
    const { token, claims } = await keyGrant();
    const answers = await Promise.allSettled(Array.from({ length: 4 }, () => session.prepare(token)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { grantId } = claims;
    await expectRefused(session.prepare(token), 'prepare', 'grant.used', { grantId });
  });

  it('opens nothing before it is prepared, and nothing is signed before it is opened', async () => {
    const { replica } = await opened();
    const unprepared = await keyGrant();
    const of = (grant: Grant) => ({ grantId: grant.claims.grantId });
    const code = 'credential.not-prepared';
    await expectRefused(session.open(replica, unprepared, shown()), 'open', code, of(unprepared));

    const unopened = await keyGrant();
    const { replica: holder } = await session.prepare(unopened.token);
    const bytes = userauth({ connection: shown() });
    await expectRefused(session.sign(holder, unopened, bytes), 'sign', code, of(unopened));
    // Who was refused once gets no second chance.
    await expectRefused(session.open(holder, unopened, shown()), 'open', code, of(unopened));
  });

  it('is opened once, and is nothing after its release', async () => {
    const { grant, replica, connection } = await opened();
    const { grantId } = grant.claims;
    await expectRefused(session.open(replica, grant, connection), 'open', 'credential.not-prepared', { grantId });

    const over = await opened();
    const ended = { grantId: over.grant.claims.grantId };
    await session.release(over.replica, ended.grantId);
    const code = 'credential.not-prepared';
    await expectRefused(session.sign(over.replica, over.grant, userauth(over)), 'sign', code, ended);
    await expectRefused(session.refresh(over.replica, over.grant, over.released.versionId), 'refresh', code, ended);
  });

  it('gives another version in the place of the one that was released, and of no other', async () => {
    const { grant, replica, released } = await opened();
    const { grantId } = grant.claims;
    const why = { grantId, reason: 'not the version that was released last' };
    await expectRefused(session.refresh(replica, grant, randomUUID()), 'refresh', 'request.invalid', why);
    const again = session.refresh(replica, grant, released.versionId);
    await expectRefused(again, 'refresh', 'credential.not-prepared', { grantId });
  });

  it('is not over by the release of one that nobody knows, or of one that was opened beside it', async () => {
    const [open, other] = await Promise.all([opened(), opened()]);
    await session.release(open.replica, GrantId.parse(randomUUID()));
    await session.release(other.replica, other.grant.claims.grantId);
    expect((await session.sign(open.replica, open.grant, userauth(open))).length).toBeGreaterThan(64);
  });
});

describe('B13: no credential without the right host key', () => {
  async function expectUnverified(grant: Grant, connection: Shown, reason: string): Promise<void> {
    const { replica } = await session.prepare(grant.token);
    const { grantId } = grant.claims;
    await expectRefused(session.open(replica, grant, connection), 'open', 'host-key.unverified', { grantId, reason });
  }

  it('is released for a key that is not pinned, nor for what is no key', async () => {
    await expectUnverified(await keyGrant(), shown({ key: newHostKey() }), 'none of those that the grant names');
    await expectUnverified(await keyGrant(), shown({ hostKey: Buffer.from('no key') }), 'is not one');
  });

  it('is released when the host did not sign this very exchange, whatever session says', async () => {
    const reason = 'has not signed the exchange';
    const { hostKeySignature } = shown();
    await expectUnverified(await keyGrant(), shown({ hostKeySignature }), reason);
    const { publicKeyBlob } = hostKey;
    await expectUnverified(await keyGrant(), shown({ key: newHostKey(), hostKey: publicKeyBlob }), reason);
  });

  it('is released at a first use with an attestation of this key, for this grant and this host', async () => {
    const [fresh, other] = await Promise.all([registerSilentHost(admin), registerSilentHost(admin)]);
    const grants = await Promise.all(Array.from({ length: 5 }, () => keyGrant(fresh)));
    const [first, second, third, fourth, fifth] = grants as [Grant, Grant, Grant, Grant, Grant];
    const elsewhere = await keyGrant(other);
    const [key, otherKey] = [newHostKey(), newHostKey()];
    const attestation = await attest(first, key.publicKeyBlob);

    await expectUnverified(second, shown({ key }), 'no attestation');
    await expectUnverified(third, shown({ key, attestation }), 'another grant or host');
    await expectUnverified(elsewhere, shown({ key, attestation }), 'another grant or host');
    const { grantId, host: claimed } = fourth.claims;
    const forged = await TokenSigner.fromPem(strangeKey).attestation({
      grantId,
      hostId: claimed.hostId,
      fingerprint: fingerprint(otherKey.publicKeyBlob),
    });
    await expectUnverified(fourth, shown({ key: otherKey, attestation: forged }), 'does not hold');
    const ofFifth = await attest(fifth, key.publicKeyBlob);
    await expectUnverified(fifth, shown({ key: otherKey, attestation: ofFifth }), 'of another host key');

    const { replica } = await session.prepare(first.token);
    await session.open(replica, first, shown({ key, attestation }));
  });
});

describe('B12: nothing is signed but the one logon', () => {
  it.each<[string, string, Partial<UserauthRequest>]>([
    ['another user name', 'another user name', { userName: 'root' }],
    ['another service', 'a service other than', { serviceName: 'ssh-userauth' }],
    ['another session id', 'another connection', { sessionId: randomBytes(32) }],
    ['an algorithm of another kind of key', 'an algorithm that the key cannot do', { algorithm: 'rsa-sha2-256' }],
  ])('for %s', async (_, reason, change) => {
    const open = await opened();
    const { grantId } = open.grant.claims;
    const attempt = session.sign(open.replica, open.grant, userauth(open, change));
    await expectRefused(attempt, 'sign', 'signature.refused', { grantId, reason });
  });

  it('with another key', async () => {
    const open = await opened();
    const { grantId } = open.grant.claims;
    const publicKeyBlob = parseAuthorizedKey((await makeUserKey('ed25519')).publicKey).blob;
    const attempt = session.sign(open.replica, open.grant, userauth(open, { publicKeyBlob }));
    await expectRefused(attempt, 'sign', 'signature.refused', { grantId, reason: 'another key' });
  });

  it.each<[string, (request: Buffer) => Buffer]>([
    ['has something behind it', (request) => Buffer.concat([request, Buffer.alloc(1)])],
    ['has something before it', (request) => Buffer.concat([Buffer.from('SSHSIG'), request])],
    ['is cut', (request) => request.subarray(0, -1)],
  ])('that %s', async (_, change) => {
    const open = await opened();
    const { grantId } = open.grant.claims;
    const attempt = session.sign(open.replica, open.grant, change(userauth(open)));
    await expectRefused(attempt, 'sign', 'signature.refused', { grantId, reason: 'no userauth request' });
  });

  it('more often than twice', async () => {
    const open = await opened();
    const [{ grantId }, bytes] = [open.grant.claims, userauth(open)];
    for (let time = 1; time <= 2; time++)
      expect((await session.sign(open.replica, open.grant, bytes)).length).toBeGreaterThan(64);
    await expectRefused(session.sign(open.replica, open.grant, bytes), 'sign', 'credential.exhausted', { grantId });
  });

  it('with a secret that is a password', async () => {
    const open = await opened('root');
    const { grantId } = open.grant.claims;
    const attempt = session.sign(open.replica, open.grant, userauth(open));
    await expectRefused(attempt, 'sign', 'signature.refused', { grantId, reason: 'is no key' });
  });
});
