import { generateSecret, generateURI, verifySync } from 'otplib';

const ISSUER = 'Sallyport';
const STEP_SECONDS = 30;

/** A new secret: 160 random bits (RFC 4226 section 4), base32. */
export function newSecret(): string {
  return generateSecret({ length: 20 });
}

/** What authenticator apps read, mostly as a QR code. SHA-1, six digits, 30 seconds: what all of them can do. */
export function otpauthUri(secret: string, username: string): string {
  return generateURI({ issuer: ISSUER, label: username, secret });
}

/**
 * The time step (RFC 6238 section 4.2) of which this is the code: the present one, the one before, or the one after, for
 * clocks that differ and people who are slow. Undefined for every other text.
 */
export function stepOf(code: string, secret: string, now: Date): number | undefined {
  const digits = code.replaceAll(' ', '');
  if (!/^\d{6}$/.test(digits)) return undefined;
  const epoch = Math.floor(now.getTime() / 1_000);
  const result = verifySync({ strategy: 'totp', secret, token: digits, epoch, epochTolerance: STEP_SECONDS });
  return result.valid && 'timeStep' in result ? result.timeStep : undefined;
}
