import { describe, expect, it } from 'vitest';
import { canonicalQuery, parseForm, percentEncode, utf8Text } from './percent-encoding.js';

describe('percent-encoding', () => {
  it('leaves only the unreserved characters of RFC 3986 as they are', () => {
    expect(percentEncode("AZaz09-_.~ !'()*+/?&=ü")).toBe('AZaz09-_.~%20%21%27%28%29%2A%2B%2F%3F%26%3D%C3%BC');
  });

  it('reads back what it wrote, whatever it is', () => {
    const parameters = new Map([
      ['b', "p@ss w*rd(1)!'~+%&="],
      ['B', '中文'],
      ['a', ''],
    ]);
    const text = canonicalQuery(parameters);
    expect(text.split('&').map((pair) => pair[0])).toEqual(['B', 'a', 'b']);
    expect(parseForm(text)).toEqual(parameters);
  });

  it('takes a plus as a space and a name without a value', () => {
    expect(parseForm('a+b=c+d&e')).toEqual(new Map([['a b', 'c d'], ['e', '']])); // prettier-ignore
  });

  it('refuses a body that is not UTF-8', () => {
    expect(utf8Text(Buffer.from('\ufeffa=ü'))).toBe('\ufeffa=ü');
    expect(() => utf8Text(Buffer.from('a=ü', 'latin1'))).toThrow(expect.objectContaining({ code: 'InvalidParameter' }));
  });

  it.each([
    ['a name given twice', 'a=1&a=2'],
    ['half an escape', 'a=%4'],
    ['an escape that is not UTF-8', 'a=%ff'],
    ['too many pairs', Array.from({ length: 1_001 }, (_, index) => `k${index}=`).join('&')],
  ])('refuses %s', (_what, text) => {
    expect(() => parseForm(text)).toThrow(expect.objectContaining({ code: 'InvalidParameter' }));
  });
});
