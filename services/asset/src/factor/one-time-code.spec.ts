import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newSecret, otpauthUri, stepOf } from './one-time-code.js';

/** RFC 6238 appendix B: the secret `12345678901234567890`, SHA-1, of whose eight digits the last six are ours. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const at = (seconds: number): Date => new Date(seconds * 1_000);

describe('one-time codes', () => {
  it.each([
    [59, '287082', 1],
    [1_111_111_109, '081804', 37_037_036],
    [1_234_567_890, '005924', 41_152_263],
    [20_000_000_000, '353130', 666_666_666],
  ])('are those of RFC 6238 at %i', (seconds, code, step) => {
    expect(stepOf(code, secret, at(seconds))).toBe(step);
    expect(stepOf(`${code.slice(0, 3)} ${code.slice(3)}`, secret, at(seconds))).toBe(step);
  });

  it('are good one step before and after, and no further', () => {
    const made = 1_234_567_890; // the first second of its step
    expect(
      [-60, -30, -1, 0, 29, 59, 60].map((late) => stepOf('005924', secret, at(made + late)) !== undefined),
    ).toEqual([false, true, true, true, true, true, false]);
  });

  it('are six digits and nothing else, whatever was typed', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('0', '5', '9', '٣', ' ', '-', 'a', '\n'), maxLength: 9 }),
        (text) => {
          if (stepOf(text, secret, at(59)) !== undefined) expect(text.replaceAll(' ', '')).toMatch(/^\d{6}$/);
        },
      ),
    );
  });

  it('come from secrets of 160 bits, which apps are told by URI', () => {
    const [one, other] = [newSecret(), newSecret()];
    expect(one).toMatch(/^[A-Z2-7]{32}$/);
    expect(one).not.toBe(other);
    const uri = new URL(otpauthUri(one, 'alice'));
    expect(uri.protocol + uri.host).toBe('otpauth:totp');
    expect(decodeURIComponent(uri.pathname)).toBe('/Sallyport:alice');
    expect(Object.fromEntries(uri.searchParams)).toMatchObject({ secret: one, issuer: 'Sallyport' });
  });
});
