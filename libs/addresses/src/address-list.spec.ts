import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressList } from './address-list.js';

describe('AddressList', () => {
  it.each([
    ['192.0.2.7', ['192.0.2.7'], true],
    ['192.0.2.8', ['192.0.2.7'], false],
    ['10.255.255.255', ['10.0.0.0/8'], true],
    ['11.0.0.0', ['10.0.0.0/8'], false],
    ['10.1.2.3', ['10.0.0.77/8'], true],
    ['203.0.113.1', ['0.0.0.0/0'], true],
    ['2001:db8::1', ['0.0.0.0/0'], false],
    ['::ffff:192.0.2.7', ['192.0.2.0/24'], true],
    ['2001:DB8:0:1::1', ['2001:db8::/32'], true],
    ['2001:db9::1', ['2001:db8::/32'], false],
    ['fe80::1%eth0', ['fe80::/10'], true],
    ['unknown', ['0.0.0.0/0', '::/0'], false],
    ['192.0.2.7', [], false],
  ])('%s in %j: %s', (address, entries, expected) => {
    expect(AddressList.of(entries).includes(address)).toBe(expected);
  });

  it.each(['', '10.0.0.0/33', '10.0.0.0/', '10.0.0/8', '::/129', '::1%eth0', '1.2.3.4/8/8', '1.2.3.4/-1', 'a/8'])(
    'refuses %j by name',
    (entry) => {
      expect(() => AddressList.of([entry])).toThrow(RangeError);
    },
  );

  it('agrees with the arithmetic of prefixes', () => {
    const number = fc.integer({ min: 0, max: 0xff_ff_ff_ff });
    const text = (n: number): string => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.');
    fc.assert(
      fc.property(number, number, fc.integer({ min: 0, max: 32 }), (network, address, prefix) => {
        const mask = prefix === 0 ? 0 : (0xff_ff_ff_ff << (32 - prefix)) >>> 0;
        const expected = (network & mask) >>> 0 === (address & mask) >>> 0;
        expect(AddressList.of([`${text(network)}/${prefix}`]).includes(text(address))).toBe(expected);
      }),
    );
  });

  it('takes or refuses any text', () => {
    const piece = fc.constantFrom('1', '255', '.', ':', '::', '/', '8', 'f', '%', '33', ' ');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
        ),
        (entry) => {
          try {
            AddressList.of([entry]).includes(entry);
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
        },
      ),
    );
  });
});
