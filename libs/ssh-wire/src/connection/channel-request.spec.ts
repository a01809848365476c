import { SshFormatError, SshWriter } from '@sallyport/ssh-keys';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exitStatus, readRequest } from './channel-request.js';

describe('readRequest', () => {
  it('reads a terminal and its later sizes', () => {
    const size = new SshWriter().uint32(80).uint32(24).uint32(640).uint32(480).bytes();
    const expected = { columns: 80, rows: 24, widthPixels: 640, heightPixels: 480 };
    const payload = Buffer.concat([
      new SshWriter().string('xterm').bytes(),
      size,
      new SshWriter().string('\0').bytes(),
    ]);
    expect(readRequest({ name: 'pty-req', payload })).toEqual({ kind: 'terminal', term: 'xterm', ...expected });
    expect(readRequest({ name: 'window-change', payload: size })).toEqual({ kind: 'resize', ...expected });
  });

  it('reads exits', () => {
    expect(readRequest({ name: 'exit-status', payload: exitStatus(255) })).toEqual({
      kind: 'exit-status',
      status: 255,
    });
    const payload = new SshWriter().string('TERM').boolean(false).string('Terminated').string('').bytes();
    expect(readRequest({ name: 'exit-signal', payload })).toMatchObject({ signal: 'TERM', message: 'Terminated' });
  });

  it('shows a command that is not UTF-8', () => {
    const payload = new SshWriter().string(Buffer.from('6c7320c4e3', 'hex')).bytes(); // "ls " and GBK
    expect(readRequest({ name: 'exec', payload })).toEqual({ kind: 'exec', command: 'ls \ufffd\ufffd' });
  });

  it('leaves the rest to others', () => {
    expect(readRequest({ name: 'eow@openssh.com', payload: Buffer.alloc(0) })).toEqual({ kind: 'other' });
  });

  it('H7: survives any payload', () => {
    const names = ['pty-req', 'window-change', 'env', 'exec', 'subsystem', 'signal', 'exit-status', 'exit-signal', 'x'];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.uint8Array({ maxLength: 64 }), (name, bytes) => {
        try {
          readRequest({ name, payload: Buffer.from(bytes) });
        } catch (error) {
          expect(error).toBeInstanceOf(SshFormatError);
        }
      }),
    );
  });
});
