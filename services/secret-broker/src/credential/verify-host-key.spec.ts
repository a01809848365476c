import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { GrantClaims } from '@sallyport/contracts';
import { fingerprint } from '@sallyport/ssh-keys';
import { TokenSigner, TokenVerifier } from '@sallyport/tokens';
import { describe, expect, it } from 'vitest';
import { newGrant, TestHost } from './conversation.suite.js';
import { verifyHostKey } from './verify-host-key.js';

const pair = generateKeyPairSync('ed25519', {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const signer = TokenSigner.fromPem(pair.privateKey);
const tokens = TokenVerifier.fromPem(pair.publicKey);
const [seen, another] = [new TestHost().hostKey, new TestHost().hostKey];
const pinned = newGrant({ hostKeys: [fingerprint(another), fingerprint(seen)] });
const firstUse = newGrant({ hostKeys: [] });

const attest = (grant: GrantClaims, key: Buffer, change: object = {}): Promise<string> =>
  signer.attestation({ grantId: grant.grantId, hostId: grant.host.hostId, fingerprint: fingerprint(key), ...change });

describe('verifyHostKey', () => {
  it('B13: takes any of the keys that the grant names', async () => {
    expect(await verifyHostKey(pinned, seen, undefined, tokens)).toBe(fingerprint(seen));
  });

  it('B13: takes, for a first use, the key that asset attests for this grant', async () => {
    expect(await verifyHostKey(firstUse, seen, await attest(firstUse, seen), tokens)).toBe(fingerprint(seen));
  });

  it.each<[string, GrantClaims, Buffer, () => Promise<string | undefined>]>([
    ['a key that the grant does not name', pinned, new TestHost().hostKey, () => Promise.resolve(undefined)],
    [
      'such a key even with an attestation',
      newGrant({ hostKeys: [fingerprint(another)] }),
      seen,
      () => attest(pinned, seen),
    ],
    ['a first use without attestation', firstUse, seen, () => Promise.resolve(undefined)],
    ['an attestation of another key', firstUse, seen, () => attest(firstUse, another)],
    ['an attestation for another grant', firstUse, seen, () => attest(firstUse, seen, { grantId: randomUUID() })],
    ['an attestation for another host', firstUse, seen, () => attest(firstUse, seen, { hostId: randomUUID() })],
    ['a grant in the place of an attestation', firstUse, seen, () => signer.grant(firstUse)],
    [
      'an attestation that asset did not sign',
      firstUse,
      seen,
      () =>
        TokenSigner.fromPem(
          generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        ).attestation({ grantId: firstUse.grantId, hostId: firstUse.host.hostId, fingerprint: fingerprint(seen) }),
    ],
    ['bytes that are no key', pinned, Buffer.from('no key'), () => Promise.resolve(undefined)],
  ])('B13: refuses %s', async (_, grant, key, attestation) => {
    await expect(verifyHostKey(grant, key, await attestation(), tokens)).rejects.toMatchObject({
      code: 'host-key.unverified',
    });
  });
});
