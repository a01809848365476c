import { SshFormatError, SshWriter } from '@sallyport/ssh-keys';
import type { OpenRequest } from '@sallyport/ssh-wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readForward } from './forward.js';
import { chosenPort, readListener } from './listener.js';

const request = (type: string, payload: Buffer) => ({ type, payload }) as OpenRequest;
const place = (host: string, port: number): Buffer => new SshWriter().string(host).uint32(port).bytes();
const types = [
  'direct-tcpip',
  'direct-streamlocal@openssh.com',
  'forwarded-tcpip',
  'forwarded-streamlocal@openssh.com',
  'auth-agent@openssh.com',
  'x11',
];

describe('readForward', () => {
  it('reads where a connection goes and comes from', () => {
    const tcp = Buffer.concat([place('db.internal', 5432), place('::1', 40_000)]);
    expect(readForward('client', request('direct-tcpip', tcp))).toEqual({
      kind: 'direct-tcpip',
      destination: 'db.internal:5432',
      origin: '[::1]:40000',
    });
    const socket = new SshWriter().string('/run/docker.sock').string('').uint32(0).bytes();
    expect(readForward('client', request('direct-streamlocal@openssh.com', socket))).toEqual({
      kind: 'direct-streamlocal',
      destination: '/run/docker.sock',
    });
    expect(readForward('target', request('x11', place('127.0.0.1', 6010)))).toEqual({
      kind: 'x11',
      origin: '127.0.0.1:6010',
    });
    expect(readForward('target', request('auth-agent@openssh.com', Buffer.alloc(0)))).toEqual({ kind: 'agent' });
  });

  it('knows who may open what: each type is for one side, and unknown ones are for none', () => {
    const payload = Buffer.concat([place('a', 1), place('b', 2)]);
    const open = (side: 'client' | 'target') =>
      types.map((type) => readForward(side, request(type, payload)) !== undefined);
    expect(open('client')).toEqual([true, true, false, false, false, false]);
    expect(open('target')).toEqual([false, false, true, true, true, true]);
    for (const side of ['client', 'target'] as const)
      for (const type of ['tun@openssh.com', 'session', '', '__proto__', 'constructor'])
        expect(readForward(side, request(type, payload)), type).toBeUndefined();
  });

  it('H7: survives any payload', () => {
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 64 }), (type, bytes) => {
        for (const side of ['client', 'target'] as const) {
          try {
            readForward(side, request(type, Buffer.from(bytes)));
          } catch (error) {
            expect(error).toBeInstanceOf(SshFormatError);
          }
        }
      }),
    );
  });
});

describe('readListener', () => {
  it('reads what a target is asked to listen on, and no longer', () => {
    expect(readListener({ name: 'tcpip-forward', payload: place('localhost', 0) })).toEqual({
      act: 'open',
      kind: 'tcpip',
      address: 'localhost:0',
      port: 0,
    });
    const payload = new SshWriter().string('/tmp/s').bytes();
    expect(readListener({ name: 'cancel-streamlocal-forward@openssh.com', payload })).toEqual({
      act: 'close',
      kind: 'streamlocal',
      address: '/tmp/s',
    });
    expect(readListener({ name: 'hostkeys-prove-00@openssh.com', payload })).toBeUndefined();
  });

  it('H7: survives any payload', () => {
    const names = ['tcpip-forward', 'cancel-tcpip-forward', 'streamlocal-forward@openssh.com'];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.uint8Array({ maxLength: 32 }), (name, bytes) => {
        chosenPort(Buffer.from(bytes));
        try {
          readListener({ name, payload: Buffer.from(bytes) });
        } catch (error) {
          expect(error).toBeInstanceOf(SshFormatError);
        }
      }),
    );
  });
});
