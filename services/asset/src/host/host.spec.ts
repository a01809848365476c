import { describe, expect, it } from 'vitest';
import { checkAddress, legalName, uniqueName } from './host.js';

describe('legalName', () => {
  it.each([
    ['web-1', 'web-1'],
    ['  web 1 ', 'web-1'],
    ['alice@root+web:1/x', 'alice-root-web-1-x'],
    ['生产 服务器', '生产-服务器'],
    ['line\nbreak\u0007', 'line-break'],
    ['@@', 'i-1'],
    ['', 'i-1'],
  ])('makes %j into %j', (wish, name) => {
    expect(legalName(wish, 'i-1')).toBe(name);
    expect(name).toMatch(/^[^\s@+:/]{1,128}$/);
  });

  it('cuts what is too long, between characters', () => {
    expect(legalName('x'.repeat(200), 'i-1')).toHaveLength(128);
    expect(legalName(`x${'𝒳'.repeat(100)}`, 'i-1')).toBe(`x${'𝒳'.repeat(63)}`);
  });
});

describe('uniqueName', () => {
  const taken = (name: string): Promise<boolean> => Promise.resolve(name === 'web' || name === 'x'.repeat(128));

  it('adds the instance id to a name that is taken', async () => {
    expect(await uniqueName('db', 'i-1', taken)).toBe('db');
    expect(await uniqueName('web', 'i-1', taken)).toBe('web-i-1');
    expect(await uniqueName('x'.repeat(128), 'i-1', taken)).toBe(`${'x'.repeat(124)}-i-1`);
  });
});

describe('checkAddress', () => {
  it.each(['10.0.0.1', '2001:db8::1', 'web-1.internal', 'a.b.c.', 'db_1'])('takes %s', (address) => {
    expect(() => {
      checkAddress(address);
    }).not.toThrow();
  });

  it.each(['', ' ', 'web 1', 'web-1:22', '-x', 'http://web-1', 'a..b', '10.0.0.1/24', `${'a'.repeat(64)}.b`, 'a\nb'])(
    'refuses %j',
    (address) => {
      expect(() => {
        checkAddress(address);
      }).toThrow(expect.objectContaining({ code: 'request.invalid' }));
    },
  );
});
