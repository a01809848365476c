import { DomainError } from '@sallyport/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readUserName } from './user-name.js';

const plain = fc.stringMatching(/^[A-Za-z0-9._-]{1,40}$/);
const sign = fc.constantFrom('@', '+');

describe('readUserName', () => {
  it.each([
    ['alice', { username: 'alice' }],
    ['alice@web-1', { username: 'alice', target: { host: 'web-1' } }],
    ['alice@root@web-1', { username: 'alice', target: { host: 'web-1', account: 'root' } }],
    ['alice+root+web-1', { username: 'alice', target: { host: 'web-1', account: 'root' } }],
    ['alice@root+i-bp1a.b_C', { username: 'alice', target: { host: 'i-bp1a.b_C', account: 'root' } }],
    ['alice@root@fd00::1', { username: 'alice', target: { host: 'fd00::1', account: 'root' } }],
    ['alice@bob@corp@WEB.example', { username: 'alice', target: { host: 'WEB.example', account: 'bob@corp' } }],
    ['alice@deploy bot@web-1', { username: 'alice', target: { host: 'web-1', account: 'deploy bot' } }],
  ])('reads %s', (text, expected) => {
    expect(readUserName(text)).toEqual(expected);
  });

  it.each(['', '@', 'alice@', '@web-1', 'alice@@web-1', 'alice++', 'a\nb@web', 'a\0', `alice@${'x'.repeat(256)}`])(
    'A2: refuses %j and says what to type',
    (text) => {
      expect(() => readUserName(text)).toThrow(/USER@ACCOUNT@HOST/);
    },
  );

  it('A2: takes parts of 255 bytes', () => {
    const long = 'ä'.repeat(127);
    expect(readUserName(`${long}@${long}@${long}`).target).toEqual({ host: long, account: long });
  });

  it('gives back what was put together, with either sign', () => {
    fc.assert(
      fc.property(plain, plain, plain, sign, sign, (username, account, host, one, two) => {
        expect(readUserName(`${username}${one}${account}${two}${host}`)).toEqual({
          username,
          target: { host, account },
        });
        expect(readUserName(`${username}${one}${host}`)).toEqual({ username, target: { host } });
      }),
    );
  });

  it('takes or refuses anything, and loses no sign on the way', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('@', '+', 'a', 'B', 'ß', '.', ' ', '\0'), maxLength: 20 }),
        (text) => {
          try {
            const { username, target } = readUserName(text);
            const parts = [username, target?.account, target?.host].filter((each) => each !== undefined);
            expect(parts.join('@')).toBe(text.replace(/^([^@+]*)[+]/, '$1@').replace(/[+]([^@+]*)$/, '@$1'));
          } catch (error) {
            expect(error).toBeInstanceOf(DomainError);
          }
        },
      ),
    );
  });
});
