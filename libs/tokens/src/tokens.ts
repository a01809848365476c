import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { FirstFactorClaims, GrantClaims, HostKeyAttestationClaims, IdentityClaims } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { errors as joseErrors, jwtVerify, SignJWT } from 'jose';
import type { z } from 'zod';

/**
 * What asset signs and others believe: compact JWS, EdDSA with Ed25519 (RFC 8037). The JOSE header's `typ` keeps one kind
 * from being taken for another.
 */
const issuer = 'asset';
const kinds = {
  identity: { typ: 'sallyport-identity+jwt', audience: 'sallyport', claims: IdentityClaims },
  firstFactor: { typ: 'sallyport-first-factor+jwt', audience: 'asset', claims: FirstFactorClaims },
  grant: { typ: 'sallyport-grant+jwt', audience: 'secret-broker', claims: GrantClaims },
  attestation: { typ: 'sallyport-host-key+jwt', audience: 'secret-broker', claims: HostKeyAttestationClaims },
} as const;
type Kind = keyof typeof kinds;

/** Seconds from issue to the first use of a grant. */
export const grantLifetimeSeconds = 60;

/** The time of a receiver and the sender may differ by this much. */
const clockToleranceSeconds = 5;

/** Held by asset alone. */
export class TokenSigner {
  private constructor(
    private readonly key: KeyObject,
    private readonly now: () => Date,
  ) {}

  /** @param pem Ed25519 private key, PKCS#8 */
  static fromPem(pem: string, now: () => Date = () => new Date()): TokenSigner {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('not an Ed25519 private key');
    return new TokenSigner(key, now);
  }

  identity(claims: IdentityClaims, lifetimeSeconds: number): Promise<string> {
    return this.sign('identity', claims, lifetimeSeconds);
  }

  firstFactor(claims: FirstFactorClaims, lifetimeSeconds: number): Promise<string> {
    return this.sign('firstFactor', claims, lifetimeSeconds);
  }

  grant(claims: GrantClaims): Promise<string> {
    return this.sign('grant', claims, grantLifetimeSeconds);
  }

  attestation(claims: HostKeyAttestationClaims): Promise<string> {
    return this.sign('attestation', claims, grantLifetimeSeconds);
  }

  private sign(kind: Kind, claims: object, lifetimeSeconds: number): Promise<string> {
    const at = Math.floor(this.now().getTime() / 1000);
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'EdDSA', typ: kinds[kind].typ })
      .setIssuer(issuer)
      .setAudience(kinds[kind].audience)
      .setIssuedAt(at)
      .setExpirationTime(at + lifetimeSeconds)
      .sign(this.key);
  }
}

/** Held by everyone who acts on asset's word. */
export class TokenVerifier {
  private constructor(
    private readonly key: KeyObject,
    private readonly now: () => Date,
  ) {}

  /** @param pem Ed25519 public key, SubjectPublicKeyInfo */
  static fromPem(pem: string, now: () => Date = () => new Date()): TokenVerifier {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('not an Ed25519 public key');
    return new TokenVerifier(key, now);
  }

  /** @throws DomainError `access.unauthenticated` */
  async identity(token: string, ...uses: IdentityClaims['use'][]): Promise<IdentityClaims> {
    const claims = await this.verify('identity', token).catch((cause: unknown) => {
      throw new DomainError('access.unauthenticated', 'sign in again', { cause });
    });
    if (!uses.includes(claims.use)) throw new DomainError('access.unauthenticated', 'this identity is for another use');
    return claims;
  }

  /** Undefined when it is forged, too old, or something else. */
  firstFactor(token: string): Promise<FirstFactorClaims | undefined> {
    return this.verify('firstFactor', token).catch(() => undefined);
  }

  /** @throws DomainError `grant.expired`, `grant.invalid` */
  async grant(token: string): Promise<GrantClaims> {
    return this.verify('grant', token).catch(refuseGrant);
  }

  /** @throws DomainError `host-key.unverified` */
  async attestation(token: string): Promise<HostKeyAttestationClaims> {
    return this.verify('attestation', token).catch((cause: unknown) => {
      throw new DomainError('host-key.unverified', 'the attestation of the host key does not hold', { cause });
    });
  }

  private async verify<K extends Kind>(kind: K, token: string): Promise<z.infer<(typeof kinds)[K]['claims']>> {
    const { payload } = await jwtVerify(token, this.key, {
      algorithms: ['EdDSA'],
      typ: kinds[kind].typ,
      issuer,
      audience: kinds[kind].audience,
      requiredClaims: ['exp', 'iat'],
      clockTolerance: clockToleranceSeconds,
      currentDate: this.now(),
    });
    return kinds[kind].claims.parse(payload) as z.infer<(typeof kinds)[K]['claims']>;
  }
}

function refuseGrant(cause: unknown): never {
  if (cause instanceof joseErrors.JWTExpired)
    throw new DomainError('grant.expired', 'the grant has expired', { cause });
  throw new DomainError('grant.invalid', 'the grant does not hold', { cause });
}
