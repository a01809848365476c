import { baseSettings, port } from '@sallyport/config';
import { formatAuthorizedKey, parseAuthorizedKey, SshFormatError } from '@sallyport/ssh-keys';
import { z } from 'zod';

/** An X25519 public key in PEM, as `openssl pkey -pubout` writes it. */
const publicKeyPem = () => z.string().includes('BEGIN PUBLIC KEY', { error: 'must be a PEM public key' });

/** @returns `TYPE BASE64` of each line, without the comments */
function hostKeyLines(text: string, context: z.RefinementCtx<string>): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  try {
    const keys = lines.map((line) => formatAuthorizedKey({ ...parseAuthorizedKey(line), comment: '' }).trim());
    if (keys.length > 0) return keys;
  } catch (error) {
    if (!(error instanceof SshFormatError)) throw error;
  }
  context.addIssue({ code: 'custom', message: 'must be public keys, one a line' });
  return z.NEVER;
}

export const settings = z.object({
  ...baseSettings,
  /** Where the REST listens. Outside of loopback put something that speaks TLS in front. */
  API_HOST: z.string().default('127.0.0.1'),
  API_PORT: port().default(8080),
  /** Addresses and networks (`10.0.0.0/8`), comma-separated, whose `X-Forwarded-For` is believed. */
  API_TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6(), z.literal('')])))
    .transform((parts) => parts.filter((part) => part !== '')),
  /** The name or address by which SSH clients reach the bastion, for what is written into their configuration. */
  API_SSH_HOST: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,252}$/, { error: 'must be a host name or an address' }),
  API_SSH_PORT: port().default(60_022),
  /** The public halves of session's host keys, one a line, as `ssh-keygen` writes them into `.pub` files. */
  API_SSH_HOST_KEYS: z.string().transform(hostKeyLines),
  /** Passwords of users are sealed to it. */
  ASSET_SEALING_PUBLIC_KEY: publicKeyPem(),
  /** Values of new secrets are sealed to it. */
  BROKER_SEALING_PUBLIC_KEY: publicKeyPem(),
  /** Keys of webhooks are sealed to it. */
  AUDIT_SEALING_PUBLIC_KEY: publicKeyPem(),
});
export type Settings = z.infer<typeof settings>;
