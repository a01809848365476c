import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { fits } from './fits.js';
import { PermittedAddresses } from './permitted-address.js';
import { DeliveryError, nextTry } from './retry-rule.js';
import { Syslog, syslogFrame } from './syslog.js';
import { Webhook } from './webhook.js';

describe('where events may be sent', () => {
  const open = new PermittedAddresses([]);
  it.each(['8.8.8.8', '2606:4700:4700::1111'])('is a public address: %s', (address) => {
    expect(open.permits(address)).toBe(true);
  });
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.100.100.200',
    '0.0.0.0',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:8.8.8.8',
    'fd00::1',
    'fe80::1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '2001:db8::1',
    'localhost',
  ])('is no other: %s', (address) => {
    expect(open.permits(address)).toBe(false);
  });

  it('may be widened by networks, and by those alone', () => {
    const some = new PermittedAddresses(['10.1.0.0/16', '127.0.0.1', 'fd00::/64']);
    expect(['10.1.9.9', '127.0.0.1', 'fd00::9'].map((address) => some.permits(address))).toEqual([true, true, true]);
    expect(['10.2.0.1', '127.0.0.2', 'fd01::1'].map((address) => some.permits(address))).toEqual([false, false, false]);
  });

  it('is decided by what a name resolves to', async () => {
    const lookup = (addresses: PermittedAddresses) =>
      new Promise((resolve, reject) => {
        addresses.lookup('localhost', { all: true }, (error, found) => {
          if (error) reject(error);
          else resolve((found as LookupAddress[]).map(({ address }) => address));
        });
      });
    await expect(lookup(open)).rejects.toThrow('no permitted address');
    await expect(lookup(new PermittedAddresses(['127.0.0.0/8']))).resolves.toEqual(['127.0.0.1']);
  });

  it('is encrypted, but on loopback', () => {
    const all = new PermittedAddresses(['0.0.0.0/0']);
    const key = Buffer.alloc(32);
    for (const url of ['http://example.com/', 'http://10.0.0.1/', 'http://127.0.0.1.example.com/'])
      expect(() => new Webhook(url, key, all)).toThrow('https');
    expect(() => new Webhook('https://2130706433/', key, open)).toThrow('not permitted'); // 127.0.0.1 in another dress
    expect(() => new Webhook('http://127.0.0.1/', key, open)).toThrow('not permitted');
    expect(new Webhook('http://127.0.0.1/', key, all)).toBeInstanceOf(Webhook);
    expect(() => new Syslog('syslog+tcp://example.com', 'x', all, undefined)).toThrow('syslog+tls');
    expect(() => new Syslog('syslog+tls://[fd00::1]:6514', 'x', open, undefined)).toThrow('not permitted');
  });
});

describe('an event that is not taken', () => {
  const at = (ms: number) => new Date(1_700_000_000_000 + ms);
  const tries = (error: DeliveryError): number[] => {
    const pauses: number[] = [];
    let now = 0;
    for (let failures = 1; ; failures += 1) {
      const next = nextTry({ error, failures, failingSince: at(0) }, at(now), 0.5);
      if (!next) return pauses;
      pauses.push((next.getTime() - at(now).getTime()) / 1_000);
      now = next.getTime() - at(0).getTime();
    }
  };

  it('is tried again for a day, ever less often', () => {
    const pauses = tries(new DeliveryError('answered 503'));
    expect(pauses.slice(0, 8)).toEqual([1, 5, 30, 120, 600, 1_800, 3_600, 3_600]);
    const hours = pauses.reduce((sum, pause) => sum + pause, 0) / 3_600;
    expect(hours).toBeGreaterThan(23);
    expect(hours).toBeLessThanOrEqual(24);
  });

  it('is given up soon where the receiver calls this very event wrong', () => {
    expect(tries(new DeliveryError('answered 422', true))).toEqual([1, 1]);
  });
});

describe('a filter', () => {
  const event = { type: 'io.sallyport.session.opened.v1', data: { userId: 'u', port: 22, terminal: false } };
  it.each([
    [{}, true],
    [{ types: ['io.sallyport.session.'] }, true],
    [{ types: ['io.sallyport.user.', 'io.sallyport.session.opened.v1'] }, true],
    [{ types: ['io.sallyport.session.opened'] }, false],
    [{ data: { userId: 'u', port: '22', terminal: 'false' } }, true],
    [{ data: { userId: 'u', hostId: 'h' } }, false],
    [{ types: ['io.sallyport.user.'], data: { userId: 'u' } }, false],
  ])('%j', (filter, expected) => {
    expect(fits(filter, event)).toBe(expected);
  });
});

describe('syslog (RFC 5424)', () => {
  it('has an event in one frame, with its length in bytes', () => {
    const event = {
      sequence: 7,
      id: '6f1c',
      type: 'io.sallyport.access.denied.v1',
      source: '/a"]\\b',
      time: '2026-01-02T03:04:05.678Z',
      json: '{"text":"ü"}',
    };
    const frame = syslogFrame(event, 'sallyport.local/x y');
    const [, length, message = ''] = /^(\d+) (.*)$/su.exec(frame) ?? [];
    expect(Buffer.byteLength(message)).toBe(Number(length));
    expect(message).toBe(
      '<108>1 2026-01-02T03:04:05.678Z sallyport.local/x_y sallyport - access.denied ' +
        '[sallyport@32473 sequence="7" id="6f1c" source="/a\\"\\]\\\\b"] \ufeff{"text":"ü"}',
    );
    expect(syslogFrame({ ...event, type: 'io.sallyport.user.signed-in.v1' }, 'h')).toContain('<109>1 ');
  });
});
