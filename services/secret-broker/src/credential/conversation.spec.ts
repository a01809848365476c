import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { PrepareCredentialV1, type GrantClaims } from '@sallyport/contracts';
import { fingerprint } from '@sallyport/ssh-keys';
import { TokenSigner } from '@sallyport/tokens';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NewSecret } from '../kms/kms-administration.js';
import { LEASE_LIFETIME_MS, newBroker } from './broker.suite.js';
import type { TestBroker } from './broker.suite.js';
import { newGrant, newSecret, TestHost, TestSession } from './conversation.suite.js';
import type { Released } from './release-version.js';
import type { Credential } from './secret-data.js';

const host = new TestHost();
const hostKeyFingerprint = fingerprint(host.hostKey);

describe.each(['password', 'ssh-key'] as const)('the conversation on a secret of kind %s', (kind) => {
  let broker: TestBroker;
  let session: TestSession;
  let secret: NewSecret;
  let grant: GrantClaims;

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    broker = newBroker();
    session = await TestSession.start();
    secret = newSecret(kind);
    await broker.kms.create(secret);
    grant = newGrant({ secret, hostKeys: [hostKeyFingerprint], sealTo: session.sealTo });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const prepare = async (claims = grant) => broker.prepare.run(await broker.signer.grant(claims));
  const open = (change: object = {}): Promise<Released> =>
    broker.open.run({ grantId: grant.grantId, ...host.shown(session.targetSessionId), ...change });
  const refresh = (refusedVersionId: string) => broker.refresh.run({ grantId: grant.grantId, refusedVersionId });
  /** What the broker has in memory for the grant. */
  const held = (): Credential => {
    const lease = broker.leases.find(grant.grantId);
    if (!lease) throw new Error('nothing is held');
    return lease.version.credential;
  };
  const refusal = (): unknown => broker.audit.named('credential.refused').at(-1);
  const facts = () => ({
    grantId: grant.grantId,
    sessionId: grant.sessionId,
    userId: grant.userId,
    secretName: secret.name,
  });

  it('B13: hands the credential out after the host key was verified, and puts it on record', async () => {
    expect(await prepare()).toEqual({ replica: 'replica-1', kind, versionId: 'v1' });
    expect(broker.audit.named('credential.released')).toEqual([]);
    const released = await open();
    expect(released).toMatchObject({ kind, versionId: 'v1' });
    if (released.kind === 'password') {
      const password = await session.open(released.password, grant.grantId, hostKeyFingerprint);
      expect(secret.data.expose()).toBe(JSON.stringify({ UserName: 'root', Password: password }));
    }
    const [event] = broker.audit.named('credential.released');
    const use = { secretVersionId: 'v1', kmsRequestId: 'request-2', attempt: 1, stage: 'ACSCurrent' };
    expect(event).toMatchObject({ ...facts(), ...use, kind, hostKeyFingerprint });
    expect(refusal()).toBeUndefined();
  });

  it('B13: hands nothing out for another host key, and the grant is over', async () => {
    await prepare();
    const other = new TestHost().shown(session.targetSessionId);
    await expect(open(other)).rejects.toMatchObject({ code: 'host-key.unverified' });
    expect(refusal()).toMatchObject({ ...facts(), operation: 'open', code: 'host-key.unverified' });
    await expect(open()).rejects.toMatchObject({ code: 'credential.not-prepared' });
    expect(broker.audit.named('credential.released')).toEqual([]);
  });

  it('B13: hands nothing out on session’s word: the host itself must have signed this very exchange', async () => {
    await prepare();
    const { hostKeySignature } = host.shown(randomBytes(32));
    const reason = 'the host key has not signed the exchange of this connection';
    await expect(open({ hostKeySignature })).rejects.toMatchObject({ code: 'host-key.unverified', message: reason });
    expect(refusal()).toMatchObject({ ...facts(), operation: 'open', code: 'host-key.unverified', reason });
    expect(broker.audit.named('credential.released')).toEqual([]);
  });

  it('B11: opens a grant once', async () => {
    await prepare();
    await open();
    await expect(open()).rejects.toMatchObject({ code: 'credential.not-prepared' });
    expect(refusal()).toMatchObject({ ...facts(), operation: 'open', code: 'credential.not-prepared' });
    expect(broker.leases.size).toBe(0);
  });

  it('B11: opens a grant once although it is asked twice at the same time', async () => {
    await prepare();
    const answers = await Promise.allSettled([open(), open()]);
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
  });

  it('B11: prepares a grant once, on all replicas together', async () => {
    const token = await broker.signer.grant(grant);
    const other = broker.replica();
    const answers = await Promise.allSettled([broker.prepare.run(token), other.prepare.run(token)]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(other.prepare.run(token)).rejects.toMatchObject({ code: 'grant.used' });
    expect(refusal()).toMatchObject({ ...facts(), operation: 'prepare', code: 'grant.used' });
  });

  it('B11: refuses a grant that has expired, and one that asset did not sign, before KMS is asked', async () => {
    const calls = broker.kms.calls.length;
    const token = await broker.signer.grant(grant);
    broker.clock.pass(66_000);
    await expect(broker.prepare.run(token)).rejects.toMatchObject({ code: 'grant.expired' });
    expect(refusal()).toMatchObject({ operation: 'prepare', code: 'grant.expired' });
    const forger = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const forged = await TokenSigner.fromPem(forger, () => broker.clock.now()).grant(grant);
    await expect(broker.prepare.run(forged)).rejects.toMatchObject({ code: 'grant.invalid' });
    expect(refusal()).toMatchObject({ code: 'grant.invalid' });
    expect(JSON.stringify(refusal())).toContain('ERR_JWS_SIGNATURE_VERIFICATION_FAILED');
    expect(refusal()).not.toHaveProperty('grantId');
    expect(broker.kms.calls).toHaveLength(calls);
  });

  it('B11: refuses a grant without a key to seal to', async () => {
    await expect(prepare({ ...grant, sealTo: 'AAAA' })).rejects.toMatchObject({ code: 'grant.invalid' });
  });

  it('B11: knows nothing of a grant that was never prepared here', async () => {
    const strangers = [open(), refresh('v1')];
    for (const one of strangers) await expect(one).rejects.toMatchObject({ code: 'credential.not-prepared' });
    expect(refusal()).toMatchObject({ grantId: grant.grantId, code: 'credential.not-prepared' });
  });

  it('holds a credential for 30 s and no longer, and wipes it then', async () => {
    await prepare();
    const credential = held();
    vi.advanceTimersByTime(LEASE_LIFETIME_MS - 1);
    expect(isWiped(credential)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(isWiped(credential)).toBe(true);
    expect(broker.leases.size).toBe(0);
    await expect(open()).rejects.toMatchObject({ code: 'credential.not-prepared' });
  });

  it('wipes what it holds at the release, which may be repeated', async () => {
    await prepare();
    const credential = held();
    expect(isWiped(credential)).toBe(false);
    broker.leases.end(grant.grantId);
    broker.leases.end(grant.grantId);
    expect(isWiped(credential)).toBe(true);
    await expect(open()).rejects.toMatchObject({ code: 'credential.not-prepared' });
  });

  it('keeps a key to sign with once it is opened, and no password', async () => {
    await prepare();
    await open();
    expect(isWiped(held())).toBe(kind === 'password');
  });

  it('hands nothing out that cannot be put on record', async () => {
    await prepare();
    broker.audit.fail();
    await expect(open()).rejects.toMatchObject({ code: 'audit.unavailable' });
    expect(broker.leases.size).toBe(0);
  });

  it('B6: says why KMS gave nothing, and records it with the code and request id of KMS', async () => {
    await broker.kms.delete(secret, { force: false });
    await expect(prepare()).rejects.toMatchObject({ code: 'secret.deleted' });
    const kms = { kmsCode: 'Rejected.ResourceInDeleteWindow', kmsRequestId: 'request-refused' };
    expect(refusal()).toMatchObject({ ...facts(), ...kms, operation: 'prepare', code: 'secret.deleted' });
  });

  it('B6: says that KMS is too slow before session gives up', async () => {
    const asked = new Promise<void>((resolve) => {
      broker.kms.readValue = () => {
        resolve();
        return new Promise(() => undefined);
      };
    });
    const refused = expect(prepare()).rejects.toMatchObject({ code: 'kms.timeout' });
    await asked;
    vi.advanceTimersByTime(PrepareCredentialV1.timeoutMs - 1_000);
    await refused;
    expect(refusal()).toMatchObject({ ...facts(), operation: 'prepare', code: 'kms.timeout', kmsCode: 'ETIMEDOUT' });
  });

  it('B7: refuses a secret that is now for another user name, or of another kind', async () => {
    const other = newGrant({ secret, userName: 'admin', hostKeys: [hostKeyFingerprint], sealTo: session.sealTo });
    await expect(prepare(other)).rejects.toMatchObject({ code: 'secret.user-mismatch' });
    const wrongKind = kind === 'password' ? ('ssh-key' as const) : ('password' as const);
    const mixed = newGrant({ secret: { ...secret, kind: wrongKind }, sealTo: session.sealTo });
    await expect(prepare(mixed)).rejects.toMatchObject({ code: 'secret.malformed' });
    expect(JSON.stringify(broker.audit.events)).not.toContain(secret.data.expose().slice(30, 60));
  });

  it('B1: every logon reads KMS anew', async () => {
    await prepare();
    await broker.kms.rotate(secret, 'v2');
    const again = newGrant({ secret, hostKeys: [hostKeyFingerprint], sealTo: session.sealTo });
    expect(await prepare(again)).toMatchObject({ versionId: 'v2' });
  });

  it('B2, B3: refreshes a refused version twice and no more, each on record', async () => {
    await prepare();
    await open();
    const first = held();
    await broker.kms.rotate(secret, 'v2');
    expect(await refresh('v1')).toMatchObject({ kind, versionId: 'v2' });
    expect(isWiped(first)).toBe(true);
    await broker.kms.rotate(secret, 'v3');
    expect(await refresh('v2')).toMatchObject({ kind, versionId: 'v3' });
    await broker.kms.rotate(secret, 'v4');
    await expect(refresh('v3')).rejects.toMatchObject({ code: 'credential.exhausted' });
    const attempts = broker.audit
      .named('credential.released')
      .map((event) => [event['attempt'], event['secretVersionId']]);
    expect(attempts).toEqual([
      [1, 'v1'],
      [2, 'v2'],
      [3, 'v3'],
    ]);
  });

  it('B3: a refresh to the previous version says so on record', async () => {
    await broker.kms.rotate(secret, 'v2');
    await prepare();
    await open();
    expect(await refresh('v2')).toMatchObject({ versionId: 'v1' });
    expect(broker.audit.named('credential.released').at(-1)).toMatchObject({ stage: 'ACSPrevious', attempt: 2 });
  });

  it('B11: refreshes nothing before it was opened, and no version that was not released', async () => {
    await prepare();
    await expect(refresh('v1')).rejects.toMatchObject({ code: 'credential.not-prepared' });
    grant = newGrant({ secret, hostKeys: [hostKeyFingerprint], sealTo: session.sealTo });
    await prepare();
    await open();
    await expect(refresh('v0')).rejects.toMatchObject({ code: 'request.invalid' });
    expect(refusal()).toMatchObject({ operation: 'refresh', code: 'request.invalid' });
  });

  it('B11: seals each version to this grant and host key alone', async () => {
    await prepare();
    const released = await open();
    if (released.kind !== 'password') return;
    await expect(session.open(released.password, randomUUID(), hostKeyFingerprint)).rejects.toThrow();
    await expect(session.open(released.password, grant.grantId, fingerprint(new TestHost().hostKey))).rejects.toThrow();
    const stranger = await TestSession.start();
    await expect(stranger.open(released.password, grant.grantId, hostKeyFingerprint)).rejects.toThrow();
  });
});

/** Zeros in the place of the password, and a key that signs nothing any more. */
function isWiped(credential: Credential): boolean {
  if (credential.kind === 'password') return credential.password.every((byte) => byte === 0);
  try {
    credential.key.sign('ssh-ed25519', Buffer.from('anything'));
    return false;
  } catch {
    return true;
  }
}
