import { baseSettings, port } from '@sallyport/config';
import { z } from 'zod';

/** An X25519 public key in PEM, as `openssl pkey -pubout` writes it. */
const publicKeyPem = () => z.string().includes('BEGIN PUBLIC KEY', { error: 'must be a PEM public key' });

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
  /** Passwords of users are sealed to it. */
  ASSET_SEALING_PUBLIC_KEY: publicKeyPem(),
  /** Values of new secrets are sealed to it. */
  BROKER_SEALING_PUBLIC_KEY: publicKeyPem(),
  /** Keys of webhooks are sealed to it. */
  AUDIT_SEALING_PUBLIC_KEY: publicKeyPem(),
});
export type Settings = z.infer<typeof settings>;
