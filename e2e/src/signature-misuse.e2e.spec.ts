import { randomBytes } from 'node:crypto';
import { parseAuthorizedKey, type UserauthRequest } from '@sallyport/ssh-keys';
import { makeUserKey } from '@sallyport/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Captive } from './support/captive.js';

let captive: Captive;
beforeAll(async () => {
  captive = await Captive.take();
});
beforeEach(() => {
  captive.beginStory();
});
afterAll(() => captive.end());

describe('B12: nothing is signed but the one logon', () => {
  it.each<[string, string, Partial<UserauthRequest>]>([
    ['another user name', 'another user name', { userName: 'root' }],
    ['another service', 'a service other than', { serviceName: 'ssh-userauth' }],
    ['another session id', 'another connection', { sessionId: randomBytes(32) }],
    ['an algorithm of another kind of key', 'an algorithm that the key cannot do', { algorithm: 'rsa-sha2-256' }],
  ])('for %s', async (_, reason, change) => {
    const open = await captive.opened();
    const { grantId } = open.grant.claims;
    const attempt = captive.session.sign(open.replica, open.grant, captive.userauth(open, change));
    await captive.expectRefused(attempt, 'sign', 'signature.refused', { grantId, reason });
  });

  it('with another key', async () => {
    const open = await captive.opened();
    const { grantId } = open.grant.claims;
    const publicKeyBlob = parseAuthorizedKey((await makeUserKey('ed25519')).publicKey).blob;
    const attempt = captive.session.sign(open.replica, open.grant, captive.userauth(open, { publicKeyBlob }));
    await captive.expectRefused(attempt, 'sign', 'signature.refused', { grantId, reason: 'another key' });
  });

  it.each<[string, (request: Buffer) => Buffer]>([
    ['has something behind it', (request) => Buffer.concat([request, Buffer.alloc(1)])],
    ['has something before it', (request) => Buffer.concat([Buffer.from('SSHSIG'), request])],
    ['is cut', (request) => request.subarray(0, -1)],
  ])('that %s', async (_, change) => {
    const open = await captive.opened();
    const { grantId } = open.grant.claims;
    const attempt = captive.session.sign(open.replica, open.grant, change(captive.userauth(open)));
    await captive.expectRefused(attempt, 'sign', 'signature.refused', { grantId, reason: 'no userauth request' });
  });

  it('more often than twice', async () => {
    const open = await captive.opened();
    const [{ grantId }, bytes] = [open.grant.claims, captive.userauth(open)];
    for (let time = 1; time <= 2; time++)
      expect((await captive.session.sign(open.replica, open.grant, bytes)).length).toBeGreaterThan(64);
    await captive.expectRefused(captive.session.sign(open.replica, open.grant, bytes), 'sign', 'credential.exhausted', {
      grantId,
    });
  });

  it('with a secret that is a password', async () => {
    const open = await captive.opened('root');
    const { grantId } = open.grant.claims;
    const attempt = captive.session.sign(open.replica, open.grant, captive.userauth(open));
    await captive.expectRefused(attempt, 'sign', 'signature.refused', { grantId, reason: 'is no key' });
  });
});
