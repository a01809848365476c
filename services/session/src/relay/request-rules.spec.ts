import { ProtocolPolicy } from '@sallyport/contracts';
import { readRequest } from '@sallyport/ssh-wire';
import { SshWriter } from '@sallyport/ssh-keys';
import { describe, expect, it } from 'vitest';
import { ruleForClient, ruleForTarget } from './request-rules.js';

const defaults = ProtocolPolicy.parse({});
const rule = (name: string, payload: Buffer = Buffer.alloc(64), policy = defaults): string =>
  ruleForClient(name, readRequest({ name, payload }), policy, undefined).kind;
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

  it('D18, D19: passes what forwards the agent or X11 when policy permits it, each apart', () => {
    const agent = ProtocolPolicy.parse({ agent: true });
    const x11 = ProtocolPolicy.parse({ x11: true });
    const ask = (policy: ProtocolPolicy) =>
      ['auth-agent-req@openssh.com', 'x11-req'].map((name) => rule(name, Buffer.alloc(64), policy));
    expect([ask(agent), ask(x11)]).toEqual([
      ['pass', 'refuse'],
      ['refuse', 'pass'],
    ]);
  });

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
