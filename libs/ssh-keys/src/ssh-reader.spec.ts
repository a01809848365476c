import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SshFormatError } from './ssh-format-error.js';
import { SshReader } from './ssh-reader.js';
import { SshWriter } from './ssh-writer.js';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

function ruleOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof SshFormatError) return error.rule;
    throw error;
  }
  return 'none';
}

describe('SshReader', () => {
  /** The examples of RFC 4251 section 5. */
  it.each([
    ['', '00 00 00 00'],
    ['09a378f9b2e332a7', '00 00 00 08 09 a3 78 f9 b2 e3 32 a7'],
    ['80', '00 00 00 02 00 80'],
  ])('reads and writes the number %s', (magnitude, bytes) => {
    expect(new SshReader(hex(bytes)).mpint().toString('hex')).toBe(magnitude);
    expect(new SshWriter().mpint(hex(magnitude)).bytes()).toEqual(hex(bytes));
  });

  it.each([
    ['negative', '00 00 00 02 ed cc', 'bad-number'],
    ['padded', '00 00 00 02 00 7f', 'bad-number'],
    ['a padded zero', '00 00 00 01 00', 'bad-number'],
    ['cut', '00 00 00 09 01', 'truncated'],
    ['too long', '00 00 00 05 01 01 01 01 01', 'too-long'],
  ])('refuses a number that is %s', (_, bytes, rule) => {
    expect(ruleOf(() => new SshReader(hex(bytes)).mpint(4))).toBe(rule);
  });

  it('refuses a length of 2^32-1 without taking memory for it', () => {
    expect(ruleOf(() => new SshReader(hex('ff ff ff ff 00')).string())).toBe('truncated');
  });

  it('refuses a string over the limit, text that is not UTF-8, and bytes after the end', () => {
    expect(ruleOf(() => new SshReader(new SshWriter().string('abcde').bytes()).string(4))).toBe('too-long');
    expect(ruleOf(() => new SshReader(new SshWriter().string(hex('c3 28')).bytes()).text())).toBe('bad-text');
    const reader = new SshReader(hex('01 02'));
    expect(reader.boolean()).toBe(true);
    expect(reader.remainingBytes).toBe(1);
    expect(
      ruleOf(() => {
        reader.end();
      }),
    ).toBe('trailing-bytes');
  });

  it('reads name lists and refuses empty and unprintable names', () => {
    const read = (text: string): string[] => new SshReader(new SshWriter().string(text).bytes()).nameList();
    expect(read('')).toEqual([]);
    expect(read('zlib,none')).toEqual(['zlib', 'none']);
    for (const text of ['a,', ',a', 'a b', 'a\n']) expect(ruleOf(() => read(text))).toBe('bad-text');
  });

  it('reads back whatever the writer wrote', () => {
    const fields = fc.tuple(
      fc.integer({ min: 0, max: 255 }),
      fc.boolean(),
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: 'grapheme' }),
      fc.array(fc.stringMatching(/^[!-+.-~\--]{1,20}$/), { maxLength: 5 }),
    );
    fc.assert(
      fc.property(fields, ([byte, flag, number, large, bytes, text, names]) => {
        const writer = new SshWriter().byte(byte).boolean(flag).uint32(number).uint64(large).string(bytes).string(text);
        const reader = new SshReader(writer.nameList(names).mpint(bytes).bytes());
        expect([reader.byte(), reader.boolean(), reader.uint32(), reader.uint64()]).toEqual([
          byte,
          flag,
          number,
          large,
        ]);
        expect([...reader.string()]).toEqual([...bytes]);
        expect(reader.text()).toBe(text);
        expect(reader.nameList()).toEqual(names);
        const start = bytes.findIndex((value) => value !== 0);
        expect([...reader.mpint()]).toEqual(start < 0 ? [] : [...bytes.subarray(start)]);
        reader.end();
      }),
    );
  });
});
