import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIXED_BYTES, parseProxyHeader, proxyHeaderLength, ProxyHeaderError } from './proxy-header.js';

const signature = '0d0a0d0a000d0a515549540a';
const v4 = 'c0000207' + '0a000001' + 'd431' + 'ea76'; // 192.0.2.7:54321 to 10.0.0.1:60022
const v6 = '20010db8000000000000000000000001' + '00000000000000000000000000000001' + 'd431' + 'ea76';
const length = (hex: string): string => (hex.length / 2).toString(16).padStart(4, '0');
const header = (verCmd: string, family: string, rest: string): Buffer =>
  Buffer.from(`${signature}${verCmd}${family}${length(rest)}${rest}`, 'hex');
function read(bytes: Buffer): ReturnType<typeof parseProxyHeader> {
  const fixed = bytes.subarray(0, FIXED_BYTES);
  const size = proxyHeaderLength(fixed);
  return parseProxyHeader(fixed, bytes.subarray(FIXED_BYTES, FIXED_BYTES + size));
}

describe('a PROXY header', () => {
  it.each([
    ['IPv4', header('21', '11', v4), { address: '192.0.2.7', port: 54_321 }],
    ['IPv4 and extensions', header('21', '11', `${v4}04000101`), { address: '192.0.2.7', port: 54_321 }],
    ['IPv6', header('21', '21', v6), { address: '2001:db8::1', port: 54_321 }],
    [
      'IPv4 in IPv6',
      header('21', '21', `00000000000000000000ffffc0000207${v6.slice(32)}`),
      { address: '192.0.2.7', port: 54_321 },
    ],
    ['LOCAL', header('20', '00', ''), undefined],
    ['LOCAL with addresses, which are to be ignored', header('20', '11', v4), undefined],
  ])('names the client: %s', (_, bytes, expected) => {
    expect(read(bytes)).toEqual(expected);
  });

  it.each([
    ['version 1', Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 54321 60022\r\n')],
    ['another version', header('31', '11', v4)],
    ['another command', header('22', '11', v4)],
    ['UDP', header('21', '12', v4)],
    ['a Unix socket', header('21', '31', '00'.repeat(216))],
    ['no family', header('21', '00', '')],
    ['addresses that are cut', header('21', '11', v4.slice(2))],
    ['IPv6 with addresses of IPv4', header('21', '21', v4)],
    ['too much', header('21', '11', v4 + '00'.repeat(4_085))],
    ['an SSH client', Buffer.from('SSH-2.0-OpenSSH_10.3\r\n')],
  ])('is refused: %s', (_, bytes) => {
    expect(() => read(bytes)).toThrow(ProxyHeaderError);
  });

  it('H7: survives any bytes, with its own error only, and never names what is no address', () => {
    const truths = [header('21', '11', v4), header('21', '21', v6), header('20', '00', '')];
    const mutated = fc
      .tuple(fc.constantFrom(...truths), fc.nat(51), fc.nat(255), fc.nat(52))
      .map(([truth, at, value, cut]) => {
        const copy = Buffer.from(truth);
        if (at < copy.length) copy[at] = value;
        return copy.subarray(0, cut);
      });
    const any = fc.uint8Array({ maxLength: 80 }).map((each) => Buffer.from(each));
    fc.assert(
      fc.property(fc.oneof(any, mutated), (bytes) => {
        try {
          const client = read(bytes);
          if (client) expect(isIP(client.address)).not.toBe(0);
        } catch (error) {
          expect(error).toBeInstanceOf(ProxyHeaderError);
        }
      }),
    );
  });
});
