import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { ApiError } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import { Flag, wholeNumber } from './parameters.js';

const alphabets = {
  lowercase: 'abcdefghijklmnopqrstuvwxyz',
  uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  numbers: '0123456789',
  punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
};

/** GetRandomPassword, reference 2.14. */
export const getRandomPassword: Operation = defineOperation({
  product: 'kms',
  action: 'GetRandomPassword',
  quota: 'secret-read',
  parameters: z.object({
    PasswordLength: wholeNumber(8, 128).default(32),
    ExcludeCharacters: z.string().max(128).default(''),
    ExcludeLowercase: Flag.default(false),
    ExcludeUppercase: Flag.default(false),
    ExcludeNumbers: Flag.default(false),
    ExcludePunctuation: Flag.default(false),
    RequireEachIncludedType: Flag.default(true),
  }),
  run: (input) => {
    const types = [
      input.ExcludeLowercase ? '' : alphabets.lowercase,
      input.ExcludeUppercase ? '' : alphabets.uppercase,
      input.ExcludeNumbers ? '' : alphabets.numbers,
      input.ExcludePunctuation ? '' : alphabets.punctuation,
    ].map((type) => type.split('').filter((char) => !input.ExcludeCharacters.includes(char)));
    const included = types.filter((type) => type.length > 0);
    const all = included.flat();
    if (all.length === 0) throw new ApiError('InvalidParameter', 'The parameters exclude every character.');
    const first = input.RequireEachIncludedType ? included.map(pick) : [];
    const rest = Array.from({ length: input.PasswordLength - first.length }, () => pick(all));
    return { RandomPassword: shuffled([...first, ...rest]).join('') };
  },
});

function pick(chars: readonly string[]): string {
  return chars[randomInt(chars.length)] ?? '';
}

/** Fisher and Yates. */
function shuffled(chars: string[]): string[] {
  for (let last = chars.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [chars[last], chars[other]] = [chars[other] ?? '', chars[last] ?? ''];
  }
  return chars;
}
