import { randomUUID } from 'node:crypto';
import { GrantId } from '@sallyport/contracts';
import { TokenSigner } from '@sallyport/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { assetKey, shown, strangeKey, Captive } from './support/captive.js';
import { type Grant } from './support/captured-session.js';

let captive: Captive;
beforeAll(async () => {
  captive = await Captive.take();
});
beforeEach(() => {
  captive.beginStory();
});
afterAll(() => captive.end());

describe('B11: a grant', () => {
  it('is refused after its time', async () => {
    const { claims } = await captive.keyGrant();
    const past = TokenSigner.fromPem(assetKey, () => new Date(Date.now() - 120_000));
    const grant = await past.grant({ ...claims, grantId: GrantId.parse(randomUUID()) });
    await captive.expectRefused(captive.session.prepare(grant), 'prepare', 'grant.expired', {
      reason: 'ERR_JWT_EXPIRED',
    });
  });

  it('is refused when another key has signed it, or none', async () => {
    const { claims, token } = await captive.keyGrant();
    const forged = await TokenSigner.fromPem(strangeKey).grant(claims);
    const why = { reason: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' };
    await captive.expectRefused(captive.session.prepare(forged), 'prepare', 'grant.invalid', why);
    const [, payload = ''] = token.split('.');
    const header = Buffer.from('{"alg":"none","typ":"sallyport-grant+jwt"}').toString('base64url');
    await captive.expectRefused(captive.session.prepare(`${header}.${payload}.`), 'prepare', 'grant.invalid', {
      reason: 'ERR_JOSE_ALG_NOT_ALLOWED',
    });
  });

  it('is no identity, and an identity is no grant', async () => {
    const why = { reason: 'ERR_JWT_CLAIM_VALIDATION_FAILED' };
    await captive.expectRefused(
      captive.session.prepare(await captive.session.identity()),
      'prepare',
      'grant.invalid',
      why,
    );
    const { token } = await captive.keyGrant();
    await expect(captive.session.authorize(token, captive.host.name)).rejects.toMatchObject({
      code: 'access.unauthenticated',
    });
  });

  it('is good once, also when it is shown several times at the same moment', async () => {
    const { token, claims } = await captive.keyGrant();
    const answers = await Promise.allSettled(Array.from({ length: 4 }, () => captive.session.prepare(token)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { grantId } = claims;
    await captive.expectRefused(captive.session.prepare(token), 'prepare', 'grant.used', { grantId });
  });

  it('opens nothing before it is prepared, and nothing is signed before it is opened', async () => {
    const { replica } = await captive.opened();
    const unprepared = await captive.keyGrant();
    const of = (grant: Grant) => ({ grantId: grant.claims.grantId });
    const code = 'credential.not-prepared';
    await captive.expectRefused(captive.session.open(replica, unprepared, shown()), 'open', code, of(unprepared));

    const unopened = await captive.keyGrant();
    const { replica: holder } = await captive.session.prepare(unopened.token);
    const bytes = captive.userauth({ connection: shown() });
    await captive.expectRefused(captive.session.sign(holder, unopened, bytes), 'sign', code, of(unopened));
    // Who was refused once gets no second chance.
    await captive.expectRefused(captive.session.open(holder, unopened, shown()), 'open', code, of(unopened));
  });

  it('is opened once, and is nothing after its release', async () => {
    const { grant, replica, connection } = await captive.opened();
    const { grantId } = grant.claims;
    await captive.expectRefused(captive.session.open(replica, grant, connection), 'open', 'credential.not-prepared', {
      grantId,
    });

    const over = await captive.opened();
    const ended = { grantId: over.grant.claims.grantId };
    await captive.session.release(over.replica, ended.grantId);
    const code = 'credential.not-prepared';
    await captive.expectRefused(
      captive.session.sign(over.replica, over.grant, captive.userauth(over)),
      'sign',
      code,
      ended,
    );
    await captive.expectRefused(
      captive.session.refresh(over.replica, over.grant, over.released.versionId),
      'refresh',
      code,
      ended,
    );
  });

  it('gives another version in the place of the one that was released, and of no other', async () => {
    const { grant, replica, released } = await captive.opened();
    const { grantId } = grant.claims;
    const why = { grantId, reason: 'not the version that was released last' };
    await captive.expectRefused(
      captive.session.refresh(replica, grant, randomUUID()),
      'refresh',
      'request.invalid',
      why,
    );
    const again = captive.session.refresh(replica, grant, released.versionId);
    await captive.expectRefused(again, 'refresh', 'credential.not-prepared', { grantId });
  });

  it('is not over by the release of one that nobody knows, or of one that was opened beside it', async () => {
    const [open, other] = await Promise.all([captive.opened(), captive.opened()]);
    await captive.session.release(open.replica, GrantId.parse(randomUUID()));
    await captive.session.release(other.replica, other.grant.claims.grantId);
    expect((await captive.session.sign(open.replica, open.grant, captive.userauth(open))).length).toBeGreaterThan(64);
  });
});
