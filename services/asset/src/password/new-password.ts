import type { Sealed } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { SealingKey } from '@sallyport/sealing';
import { UnsealError } from '@sallyport/sealing';
import { wipe } from '@sallyport/secret';
import type { Passwords } from './passwords.js';

/** NIST SP 800-63B section 5.1.1.2 asks for 8 characters and for no rules of composition; Bastionhost has 8 to 128. */
export const PASSWORD_LENGTH = { least: 8, most: 128 } as const;

/** Opens the sealed password that an administrator chose for a user, checks it and hashes it. */
export class NewPassword {
  constructor(
    private readonly key: SealingKey,
    private readonly passwords: Passwords,
  ) {}

  /**
   * @param associatedData what it was sealed with
   * @throws DomainError `request.invalid` it does not open, or is too short or too long
   */
  async hash(sealed: Sealed, associatedData: string): Promise<string> {
    const password = await this.key.open(sealed, associatedData).catch((cause: unknown) => {
      if (cause instanceof UnsealError) throw new DomainError('request.invalid', 'the sealed password does not open');
      throw cause;
    });
    try {
      checkLength(password);
      return await this.passwords.hash(password);
    } finally {
      wipe(password);
    }
  }
}

/** @throws DomainError `request.invalid` */
export function checkLength(password: Buffer): void {
  const { least, most } = PASSWORD_LENGTH;
  const characters = Array.from(password.toString()).length;
  if (characters < least || characters > most)
    throw new DomainError('request.invalid', `a password has ${least} to ${most} characters`);
}
