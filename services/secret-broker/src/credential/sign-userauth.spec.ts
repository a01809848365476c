import { randomBytes } from 'node:crypto';
import type { GrantClaims, RequestOf, SignUserauthV1 } from '@sallyport/contracts';
import { fingerprint, verifySignature } from '@sallyport/ssh-keys';
import { beforeEach, describe, expect, it } from 'vitest';
import type { NewSecret } from '../kms/kms-administration.js';
import { newBroker } from './broker.suite.js';
import type { TestBroker } from './broker.suite.js';
import { newGrant, newSecret, TestHost, TestSession } from './conversation.suite.js';
import type { Released } from './release-version.js';

const host = new TestHost();
const hostKeyFingerprint = fingerprint(host.hostKey);

describe('signing', () => {
  let broker: TestBroker;
  let session: TestSession;
  let grant: GrantClaims;
  let secret: NewSecret;
  let publicKey: string;

  const openFor = async (claims: GrantClaims): Promise<Released> => {
    await broker.prepare.run(await broker.signer.grant(claims));
    return broker.open.run({ grantId: claims.grantId, ...host.shown(session.targetSessionId) });
  };
  const sign = (bytes: Buffer, change: Partial<RequestOf<typeof SignUserauthV1>> = {}) =>
    broker.sign.run({ grantId: grant.grantId, userauthRequest: bytes.toString('base64'), ...change });

  beforeEach(async () => {
    broker = newBroker();
    session = await TestSession.start();
    secret = newSecret('ssh-key');
    await broker.kms.create(secret);
    grant = newGrant({ secret, hostKeys: [hostKeyFingerprint], sealTo: session.sealTo });
    const released = await openFor(grant);
    publicKey = released.kind === 'ssh-key' ? released.publicKey : '';
  });

  it('B12: signs the logon that was granted, and puts it on record', async () => {
    const data = session.userauth(publicKey);
    const { signature } = await sign(data);
    const publicKeyBlob = Buffer.from(publicKey, 'base64');
    const claim = { publicKeyBlob, algorithm: 'ssh-ed25519', data, signatureBlob: Buffer.from(signature, 'base64') };
    expect(verifySignature(claim)).toBe(true);
    const use = { grantId: grant.grantId, secretVersionId: 'v1', kmsRequestId: 'request-2', algorithm: 'ssh-ed25519' };
    const event = { ...use, publicKeyFingerprint: fingerprint(publicKeyBlob) };
    expect(broker.audit.named('credential.signed')).toEqual([expect.objectContaining(event)]);
  });

  it('B12: signs twice for one version, and no more', async () => {
    const data = session.userauth(publicKey);
    await sign(data);
    await sign(data);
    await expect(sign(data)).rejects.toMatchObject({ code: 'credential.exhausted' });
    expect(broker.audit.named('credential.refused')).toMatchObject([
      { operation: 'sign', code: 'credential.exhausted' },
    ]);
    expect(broker.audit.named('credential.signed')).toHaveLength(2);
  });

  it('B12: signs twice again for the next version, with its own key', async () => {
    await sign(session.userauth(publicKey));
    await broker.kms.rotate(secret, 'v2');
    const next = await broker.refresh.run({ grantId: grant.grantId, refusedVersionId: 'v1' });
    const nextKey = next.kind === 'ssh-key' ? next.publicKey : '';
    expect(nextKey).not.toBe(publicKey);
    await sign(session.userauth(nextKey));
    await sign(session.userauth(nextKey));
    await expect(sign(session.userauth(nextKey))).rejects.toMatchObject({ code: 'credential.exhausted' });
  });

  const other = { publicKeyBlob: new TestHost().hostKey };
  it.each<[string, (session: TestSession, key: string) => Buffer]>([
    ['another user name', (one, key) => one.userauth(key, { userName: 'admin' })],
    ['another connection', (one, key) => one.userauth(key, { sessionId: randomBytes(32) })],
    ['another service', (one, key) => one.userauth(key, { serviceName: 'ssh-userauth' })],
    ['another key', (one, key) => one.userauth(key, other)],
    ['an algorithm that the key cannot do', (one, key) => one.userauth(key, { algorithm: 'rsa-sha2-512' })],
    ['a byte more', (one, key) => Buffer.concat([one.userauth(key), Buffer.alloc(1)])],
    ['a byte less', (one, key) => one.userauth(key).subarray(0, -1)],
    ['an SSHSIG', (one, key) => Buffer.concat([Buffer.from('SSHSIG'), one.userauth(key)])],
    ['nothing', () => Buffer.alloc(0)],
    ['any bytes', () => randomBytes(200)],
  ])('B12: does not sign %s, puts the refusal on record, and the grant is over', async (_, bytesOf) => {
    await expect(sign(bytesOf(session, publicKey))).rejects.toMatchObject({ code: 'signature.refused' });
    const facts = { grantId: grant.grantId, sessionId: grant.sessionId, userId: grant.userId, operation: 'sign' };
    expect(broker.audit.named('credential.refused')).toMatchObject([{ ...facts, code: 'signature.refused' }]);
    expect(broker.audit.named('credential.signed')).toEqual([]);
    await expect(sign(session.userauth(publicKey))).rejects.toMatchObject({ code: 'credential.not-prepared' });
  });

  it('B11: does not sign with the key of another grant', async () => {
    const mine = newSecret('ssh-key');
    await broker.kms.create(mine);
    const own = newGrant({ secret: mine, hostKeys: [hostKeyFingerprint], sealTo: session.sealTo });
    const released = await openFor(own);
    expect(released.kind === 'ssh-key' && released.publicKey).not.toBe(publicKey);
    const stolen = session.userauth(publicKey);
    await expect(sign(stolen, { grantId: own.grantId })).rejects.toMatchObject({ code: 'signature.refused' });
  });

  it('B13: does not sign before the host key was verified', async () => {
    grant = newGrant({ secret, hostKeys: [hostKeyFingerprint], sealTo: session.sealTo });
    await broker.prepare.run(await broker.signer.grant(grant));
    await expect(sign(session.userauth(publicKey))).rejects.toMatchObject({ code: 'credential.not-prepared' });
  });

  it('B12: does not sign for a password', async () => {
    const passwordSecret = newSecret('password');
    await broker.kms.create(passwordSecret);
    grant = newGrant({ secret: passwordSecret, hostKeys: [hostKeyFingerprint], sealTo: session.sealTo });
    await openFor(grant);
    await expect(sign(session.userauth(publicKey))).rejects.toMatchObject({ code: 'signature.refused' });
  });

  it('gives no signature that cannot be put on record', async () => {
    broker.audit.fail();
    await expect(sign(session.userauth(publicKey))).rejects.toMatchObject({ code: 'audit.unavailable' });
  });
});
