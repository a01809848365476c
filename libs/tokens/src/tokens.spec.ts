import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { GrantClaims, type IdentityClaims, ProtocolPolicy, UserId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grantLifetimeSeconds, TokenSigner, TokenVerifier } from './tokens.js';

const pem = () =>
  generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const pair = pem();
let now = new Date('2026-11-23T12:00:00Z');
const clock = () => now;
const signer = TokenSigner.fromPem(pair.privateKey, clock);
const verifier = TokenVerifier.fromPem(pair.publicKey, clock);

const identity: IdentityClaims = {
  use: 'ssh',
  userId: UserId.parse(randomUUID()),
  username: 'alice',
  roles: ['operator'],
  method: 'publickey',
  clientAddress: '192.0.2.1',
};
const grant = GrantClaims.parse({
  grantId: randomUUID(),
  sessionId: randomUUID(),
  userId: identity.userId,
  username: 'alice',
  clientAddress: '192.0.2.1',
  host: { hostId: randomUUID(), name: 'web-1', address: '192.0.2.2', port: 22, hostKeys: [] },
  account: {
    accountId: randomUUID(),
    userName: 'root',
    kind: 'password',
    secretName: 'acs/ecs/a',
    regionId: 'cn-hangzhou',
  },
  sealTo: 'AAAA',
  policy: ProtocolPolicy.parse({}),
  limits: {},
});

describe('tokens', () => {
  it('are believed by who knows the public key', async () => {
    expect(await verifier.identity(await signer.identity(identity, 60), 'ssh')).toMatchObject(identity);
    expect(await verifier.grant(await signer.grant(grant))).toMatchObject(grant);
    const attestation = { grantId: grant.grantId, hostId: grant.host.hostId, fingerprint: `SHA256:${'A'.repeat(43)}` };
    expect(await verifier.attestation(await signer.attestation(attestation))).toMatchObject(attestation);
  });

  it('are refused from another signer', async () => {
    const forged = await TokenSigner.fromPem(pem().privateKey, clock).grant(grant);
    await expect(verifier.grant(forged)).rejects.toMatchObject({ code: 'grant.invalid' });
  });

  it('are refused with a changed claim', async () => {
    const [header, payload, signature] = (await signer.grant(grant)).split('.');
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as Record<string, unknown>;
    const changed = Buffer.from(JSON.stringify({ ...claims, username: 'mallory' })).toString('base64url');
    await expect(verifier.grant(`${header ?? ''}.${changed}.${signature ?? ''}`)).rejects.toMatchObject({
      code: 'grant.invalid',
    });
  });

  it('are refused after their time', async () => {
    const token = await signer.grant(grant);
    now = new Date(now.getTime() + (grantLifetimeSeconds + 6) * 1000);
    await expect(verifier.grant(token)).rejects.toMatchObject({ code: 'grant.expired' });
  });

  it('do not stand in for one another', async () => {
    await expect(verifier.grant(await signer.identity(identity, 60))).rejects.toMatchObject({ code: 'grant.invalid' });
    await expect(verifier.identity(await signer.grant(grant), 'ssh')).rejects.toMatchObject({
      code: 'access.unauthenticated',
    });
    await expect(verifier.identity(await signer.identity(identity, 60), 'rest')).rejects.toMatchObject({
      code: 'access.unauthenticated',
    });
  });

  it.each(['', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'])('are refused when they are %j', async (token) => {
    await expect(verifier.grant(token)).rejects.toMatchObject({ code: 'grant.invalid' });
  });
});

it('H7: takes no token that was changed anywhere, nor any other text, and throws its own errors only', async () => {
  const token = await signer.identity(identity, 600);
  const letter = fc.constantFrom('A', 'B', 'a', 'b', '0', '1', '-', '_', '.', '=');
  const changed = fc
    .tuple(fc.nat(token.length - 1), letter)
    .map(([at, put]) => token.slice(0, at) + put + token.slice(at + 1))
    // The last letter of a part holds bits that nobody reads.
    .filter(
      (text) =>
        !Buffer.from(text.replaceAll('.', 'A'), 'base64url').equals(
          Buffer.from(token.replaceAll('.', 'A'), 'base64url'),
        ),
    );
  await fc.assert(
    fc.asyncProperty(fc.oneof(changed, fc.string({ unit: 'binary' })), async (text) => {
      await expect(verifier.identity(text, 'ssh')).rejects.toThrow(DomainError);
      await expect(verifier.grant(text)).rejects.toThrow(DomainError);
      expect(await verifier.firstFactor(text)).toBeUndefined();
    }),
  );
});
