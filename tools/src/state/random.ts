import { randomBytes } from 'node:crypto';

/** 192 bits as letters and digits only: nothing in it needs quoting, in a shell, an URL or SQL. */
export function randomPassword(): string {
  return randomBytes(24).toString('hex');
}

export function randomId(): string {
  return randomBytes(8).toString('hex');
}
