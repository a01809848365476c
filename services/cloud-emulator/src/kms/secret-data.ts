import { z } from 'zod';
import type { EcsBinding } from './secret.js';

/** Longest value of a secret. */
const maxSecretBytes = 30_720;

/** A value of a secret of any type, as CreateSecret and PutSecretValue take it. */
export const SecretData = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= maxSecretBytes, `a secret value has at most ${maxSecretBytes} bytes`);

const UserName = z.string().min(1);

/** The value of an ECS secret, reference 2.1. */
export const PasswordData = z.object({ UserName, Password: z.string().min(1) });
export const SshKeyData = z.object({
  UserName,
  /** OpenSSH form. */
  PublicKey: z.string().regex(/^(ssh-[a-z0-9-]+|ecdsa-sha2-[a-z0-9-]+) [A-Za-z0-9+/]+={0,2}/),
  /** PEM; which of its forms is not looked at. */
  PrivateKey: z.string().regex(/-----BEGIN [A-Z ]*PRIVATE KEY-----/),
});

/** Whether a text is a value of this sub type. */
export function isSecretData(text: string, subType: EcsBinding['secretSubType']): boolean {
  return parseSecretData(text, subType) !== undefined;
}

/** The members of a value that matter for a rotation, or undefined when it has not the right ones. */
export function parseSecretData(
  text: string,
  subType: EcsBinding['secretSubType'],
): { userName: string; publicKey?: string } | undefined {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (subType === 'Password') {
    const parsed = PasswordData.safeParse(data);
    return parsed.success ? { userName: parsed.data.UserName } : undefined;
  }
  const parsed = SshKeyData.safeParse(data);
  return parsed.success ? { userName: parsed.data.UserName, publicKey: parsed.data.PublicKey } : undefined;
}
