import { SshWriter } from '@sallyport/ssh-keys';
import type { IncomingRequest } from '@sallyport/ssh-wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MenuStart } from './menu-start.js';

const size = (...numbers: number[]): Buffer =>
  numbers.reduce((writer, number) => writer.uint32(number), new SshWriter()).bytes();
const terminal = (term: string | Buffer, columns: number, rows: number, modes = Buffer.alloc(1)): Buffer =>
  Buffer.concat([
    new SshWriter().string(term).bytes(),
    size(columns, rows, 0, 0),
    new SshWriter().string(modes).bytes(),
  ]);

/** Asks, and tells the answer. */
function ask(start: MenuStart, name: string, payload: Buffer): boolean | 'starts' | undefined {
  let answer: boolean | undefined;
  const request: IncomingRequest = { name, wantReply: true, payload, reply: (success) => (answer = success) };
  return start.take(request) ? 'starts' : answer;
}

describe('MenuStart', () => {
  it('tells the target what the client asked for, byte for byte, with the terminal as it is now', () => {
    const start = new MenuStart();
    const modes = Buffer.from([3, 0, 0, 0, 127, 0]);
    expect(ask(start, 'pty-req', terminal('xterm', 80, 24, modes))).toBe(true);
    const lang = new SshWriter().string('LANG').string('C.UTF-8').bytes();
    expect(ask(start, 'env', lang)).toBe(true);
    expect(ask(start, 'auth-agent-req@openssh.com', Buffer.alloc(0))).toBe(true);
    expect(ask(start, 'signal', new SshWriter().string('INT').bytes())).toBe(false);
    expect(ask(start, 'shell', Buffer.alloc(0))).toBe('starts');
    expect(ask(start, 'window-change', size(132, 50, 7, 8))).toBe(true);
    expect(start.terminal?.screen).toEqual({ columns: 132, rows: 50 });
    const resized = Buffer.concat([
      new SshWriter().string('xterm').bytes(),
      size(132, 50, 7, 8),
      new SshWriter().string(modes).bytes(),
    ]);
    expect(start.requests()).toEqual([
      { name: 'pty-req', wantReply: true, payload: resized },
      { name: 'env', wantReply: false, payload: lang },
      { name: 'auth-agent-req@openssh.com', wantReply: false, payload: Buffer.alloc(0) },
      { name: 'shell', wantReply: true, payload: Buffer.alloc(0) },
    ]);
  });

  it.each([
    ['xterm', true],
    ['dumb', false],
    ['', false],
  ])('knows whether a terminal of the type "%s" can draw', (term, draws) => {
    const start = new MenuStart();
    ask(start, 'pty-req', terminal(term, 80, 24));
    expect(start.terminal?.draws).toBe(draws);
  });

  it('H7: takes whatever comes without an error, and keeps no more than it has room for', () => {
    const name = fc.constantFrom(
      'pty-req',
      'window-change',
      'env',
      'x11-req',
      'shell',
      'exec',
      'subsystem',
      'signal',
      'x',
    );
    const sensible = fc
      .tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.nat())
      .map(([term, c, r]) => terminal(Buffer.from(term), c, r));
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
      sensible,
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, payload), { maxLength: 300 }), (requests) => {
        const start = new MenuStart();
        for (const [asked, bytes] of requests) expect([true, false, 'starts']).toContain(ask(start, asked, bytes));
        const kept = start.requests();
        expect(kept.length).toBeLessThanOrEqual(130);
        expect(kept.reduce((sum, one) => sum + one.payload.length, 0)).toBeLessThan(80_000);
      }),
      { numRuns: 100 },
    );
  });
});
