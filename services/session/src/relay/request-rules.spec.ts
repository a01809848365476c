import { readRequest } from '@sallyport/ssh-wire';
import { SshWriter } from '@sallyport/ssh-keys';
import { describe, expect, it } from 'vitest';
import { ruleForClient, ruleForTarget } from './request-rules.js';

const rule = (name: string, payload: Buffer = Buffer.alloc(64)): string =>
  ruleForClient(name, readRequest({ name, payload })).kind;
const subsystem = (name: string): string => rule('subsystem', new SshWriter().string(name).bytes());

describe('D20: what the client may ask of the target', () => {
  it.each(['pty-req', 'env', 'shell', 'exec', 'window-change', 'signal', 'break', 'xon-xoff', 'eow@openssh.com'])(
    'passes %s',
    (name) => {
      expect(rule(name)).toBe('pass');
    },
  );

  it.each(['auth-agent-req@openssh.com', 'x11-req', 'exit-status', 'something@example.com', ''])(
    'refuses %j',
    (name) => {
      expect(rule(name)).toBe('refuse');
    },
  );

  it('F2: passes no subsystem but sftp', () => {
    expect([subsystem('sftp'), subsystem('netconf'), subsystem('sftp ')]).toEqual(['pass', 'refuse', 'refuse']);
  });
});

describe('D20: what the target may ask of the client', () => {
  it('is little', () => {
    const kinds = ['eow@openssh.com', 'xon-xoff', 'x11-req', 'shell'].map((name) => ruleForTarget(name).kind);
    expect(kinds).toEqual(['pass', 'pass', 'refuse', 'refuse']);
  });
});
