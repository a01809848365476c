import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { DomainError } from '@sallyport/errors';
import { Secret } from '@sallyport/secret';
import { formatAuthorizedKey, PrivateKey } from '@sallyport/ssh-keys';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { newGrant, newSecret } from './conversation.suite.js';
import { toVersion } from './read-version.js';
import { parseSecretData, userNameIn, wipeCredential } from './secret-data.js';

const pemOf = (modulusLength = 2048): string =>
  generateKeyPairSync('rsa', {
    modulusLength,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  }).privateKey;
const lineOf = (pem: string): string =>
  formatAuthorizedKey({ type: 'ssh-rsa', blob: PrivateKey.parse(pem).publicKeyBlob, comment: 'a key' });
const PrivateKeyPem = pemOf();
const PublicKey = lineOf(PrivateKeyPem);

const parse = (data: object | string, kind: 'password' | 'ssh-key') =>
  parseSecretData(Secret.of(typeof data === 'string' ? data : JSON.stringify(data)), kind);
const parsePassword = (Password: string): string => {
  const credential = parse({ UserName: 'root', Password }, 'password');
  return credential.kind === 'password' ? credential.password.toString('utf8') : '';
};

describe('parseSecretData', () => {
  it.each(['a"b', 'back\\slash', 'ünïcödé 密码 🔑', '  spaces  ', 'line\nbreak', `'$(id)\``, 'x'.repeat(20_000)])(
    'B7: takes the password %j as it is',
    (password) => {
      expect(parsePassword(password)).toBe(password);
    },
  );

  it('B7: takes members in any order and others beside them', () => {
    expect(parse('{"Extra":1,"Password":"p","UserName":"root"}', 'password')).toMatchObject({ userName: 'root' });
  });

  it.each([
    ['as it is', PrivateKeyPem],
    ['with CRLF', PrivateKeyPem.replaceAll('\n', '\r\n')],
    ['without a last newline', PrivateKeyPem.trim()],
    ['with newlines after it', `${PrivateKeyPem}\n\n`],
  ])('B7: takes a key %s', (_, text) => {
    const credential = parse({ UserName: 'root', PublicKey: `${PublicKey}\r\n`, PrivateKey: text }, 'ssh-key');
    expect(credential).toMatchObject({ kind: 'ssh-key', userName: 'root' });
  });

  const password = 'correct horse battery staple';
  const key = { UserName: 'root', PublicKey, PrivateKey: PrivateKeyPem };
  it.each<[string, object | string, 'password' | 'ssh-key', string]>([
    ['nothing', '', 'password', 'it is not JSON'],
    ['text that is not JSON', password, 'password', 'it is not JSON'],
    ['JSON that is cut', `{"UserName":"root","Password":"${password}`, 'password', 'it is not JSON'],
    ['an array', [password], 'password', 'it is not a JSON object'],
    ['null', 'null', 'password', 'it is not a JSON object'],
    ['no user name', { Password: password }, 'password', 'UserName is missing'],
    ['an empty user name', { UserName: '', Password: password }, 'password', 'UserName is empty'],
    [
      'a user name of two lines',
      { UserName: 'a\nb', Password: password },
      'password',
      'UserName has a control character',
    ],
    [
      'a user name of 256',
      { UserName: 'a'.repeat(256), Password: password },
      'password',
      'UserName is longer than 255 characters',
    ],
    ['no password', { UserName: 'root' }, 'password', 'Password is missing'],
    ['an inherited member', { UserName: 'root', __proto__: { Password: password } }, 'password', 'Password is missing'],
    ['an empty password', { UserName: 'root', Password: '' }, 'password', 'Password is empty'],
    ['a password that is a number', { UserName: 'root', Password: 1234567 }, 'password', 'Password is not text'],
    ['a NUL', { UserName: 'root', Password: `${password}\0` }, 'password', 'Password has a NUL character'],
    [
      'half a surrogate pair',
      `{"UserName":"root","Password":"${password}\\ud800"}`,
      'password',
      'Password is not valid Unicode',
    ],
    [
      'a key as a password',
      { ...key, Password: password },
      'password',
      'it has a PrivateKey, but the secret is of kind password',
    ],
    [
      'a password as a key',
      { ...key, Password: password },
      'ssh-key',
      'it has a Password, but the secret is of kind ssh-key',
    ],
    ['no public key', { ...key, PublicKey: undefined }, 'ssh-key', 'PublicKey is missing'],
    [
      'a public key that is none',
      { ...key, PublicKey: 'ssh-rsa' },
      'ssh-key',
      'PublicKey: a public key line reads: type, base64, comment',
    ],
    [
      'a private key that is none',
      { ...key, PrivateKey: password },
      'ssh-key',
      'PrivateKey: a private key is one PEM block and nothing else',
    ],
    [
      'RSA of 1024 bits',
      { ...key, PrivateKey: pemOf(1024) },
      'ssh-key',
      'PrivateKey: an RSA key has at least 2048 bits',
    ],
    [
      'halves of two keys',
      { ...key, PublicKey: lineOf(pemOf()) },
      'ssh-key',
      'PublicKey is not the public half of PrivateKey',
    ],
    [
      '30,721 bytes',
      `{"UserName":"root","Password":"${password}"}`.padEnd(30_721),
      'password',
      'it is longer than 30720 bytes',
    ],
  ])('B7: refuses %s, names the rule and shows nothing of the value', (_, data, kind, rule) => {
    let error: unknown;
    try {
      parse(data, kind);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(DomainError);
    expect(error).toMatchObject({ code: 'secret.malformed', message: `the value of the secret is malformed: ${rule}` });
    expect((error as DomainError).cause).toBeUndefined();
    const shown = inspect(error, { depth: 9 });
    expect(shown).not.toContain('battery');
    expect(shown).not.toContain(PrivateKeyPem.slice(100, 140));
  });

  it('B7: takes 30,720 bytes', () => {
    const rest = '{"UserName":"root","Password":""}'.length;
    expect(parsePassword('x'.repeat(30_720 - rest))).toHaveLength(30_720 - rest);
  });

  it('B7: no input makes it fail in any other way', () => {
    const members = fc.record(
      { UserName: fc.anything(), Password: fc.anything(), PublicKey: fc.anything(), PrivateKey: fc.anything() },
      { requiredKeys: [] },
    );
    const inputs = fc.oneof(
      fc.string(),
      fc.json(),
      members.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(inputs, fc.constantFrom('password' as const, 'ssh-key' as const), (data, kind) => {
        try {
          parse(data, kind);
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
        }
      }),
    );
  });
});

describe('wipeCredential', () => {
  it('overwrites a password, and takes the key away', () => {
    const credential = parse({ UserName: 'root', Password: 'hunter2' }, 'password');
    wipeCredential(credential);
    expect(credential).toMatchObject({ password: Buffer.alloc(7) });
    const keyed = parse(key, 'ssh-key');
    wipeCredential(keyed);
    if (keyed.kind === 'ssh-key') expect(() => keyed.key.sign('rsa-sha2-512', Buffer.alloc(1))).toThrow('wiped');
  });

  it('is what becomes of all of a value but the user name, when that alone is wanted', () => {
    const parsed = vi.spyOn(PrivateKey, 'parse');
    expect(userNameIn(Secret.of(JSON.stringify(key)), 'ssh-key')).toBe('root');
    const made = parsed.mock.results[0]?.value as PrivateKey;
    expect(() => made.sign('rsa-sha2-512', Buffer.alloc(1))).toThrow('wiped');
  });

  it('is what becomes of a value that is refused: its halves do not fit, or it is for another user', () => {
    const halves = { ...key, PublicKey: lineOf(pemOf()) };
    const grant = newGrant({ secret: newSecret('ssh-key'), userName: 'admin' });
    const value = { versionId: 'v1', rotationFailed: false, requestId: 'r-1' };
    for (const refused of [
      () => parse(halves, 'ssh-key'),
      () => toVersion(grant, { ...value, data: Secret.of(JSON.stringify(key)) }, 'ACSCurrent'),
    ]) {
      const parsed = vi.spyOn(PrivateKey, 'parse');
      expect(refused).toThrow(DomainError);
      const made = parsed.mock.results.at(-1)?.value as PrivateKey;
      expect(() => made.sign('rsa-sha2-512', Buffer.alloc(1))).toThrow('wiped');
    }
  });

  const key = { UserName: 'root', PublicKey, PrivateKey: PrivateKeyPem };
});
