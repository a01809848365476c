import { seal, SealingKey } from '@sallyport/sealing';
import { beforeAll, describe, expect, it } from 'vitest';
import { NewPassword } from './new-password.js';
import { Passwords } from './passwords.js';

let passwords: Passwords;
beforeAll(async () => {
  passwords = await Passwords.create();
});

describe('Passwords', () => {
  it('knows the password again, and no other', async () => {
    const stored = await passwords.hash(Buffer.from('correct horse'));
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwords.matches(stored, Buffer.from('correct horse'))).toBe(true);
    for (const wrong of ['correct hors', 'correct horse ', '', 'x'.repeat(2_000)])
      expect(await passwords.matches(stored, Buffer.from(wrong))).toBe(false);
  });

  it('matches nothing where no password is stored', async () => {
    for (const guess of ['', 'anything']) expect(await passwords.matches(undefined, Buffer.from(guess))).toBe(false);
  });
});

describe('NewPassword', () => {
  it('takes 8 to 128 characters, sealed to this key for this purpose', async () => {
    const key = await SealingKey.generate();
    const hash = async (text: string, sealedFor = 'alice', openedFor = 'alice'): Promise<string> =>
      new NewPassword(key, passwords).hash(await seal(key.publicKey, Buffer.from(text), sealedFor), openedFor);

    expect(await passwords.matches(await hash('äöüäöüäö'), Buffer.from('äöüäöüäö'))).toBe(true);
    await expect(hash('1234567')).rejects.toMatchObject({ code: 'request.invalid', message: /8 to 128/ });
    await expect(hash('x'.repeat(129))).rejects.toMatchObject({ code: 'request.invalid' });
    await expect(hash('correct horse', 'alice', 'bob')).rejects.toMatchObject({ code: 'request.invalid' });
  });
});
