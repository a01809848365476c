import { ProtocolPolicy } from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import type { Start } from './relay-channel.js';
import { ruleForStart } from './start-rules.js';

const policy = (switches: object): ProtocolPolicy => ProtocolPolicy.parse(switches);
const start = (kind: Start['kind'], command?: string): Start => ({
  kind,
  terminal: false,
  ...(command !== undefined && { command }),
});
const exec = (command: string): Start => start('exec', command);

describe('ruleForStart', () => {
  it.each(['shell', 'exec', 'sftp', 'scp'] as const)(
    'permits %s unless its switch is off, whatever the others say',
    (kind) => {
      const command = kind === 'scp' ? 'scp -t x' : 'true';
      expect(ruleForStart(start(kind, command), policy({}))).toEqual({ kind: 'pass' });
      const onlyThis = { shell: false, exec: false, sftp: false, scp: false, [kind]: true };
      expect(ruleForStart(start(kind, command), policy(onlyThis))).toEqual({ kind: 'pass' });
      expect(ruleForStart(start(kind, command), policy({ [kind]: false }))).toMatchObject({
        kind: 'refuse',
        reason: expect.stringContaining(`(${kind})`) as string,
      });
    },
  );

  it('F2: refuses every subsystem but sftp', () => {
    expect(ruleForStart(start('subsystem', 'netconf'), policy({}))).toMatchObject({ kind: 'refuse' });
  });

  it.each(['scp -t /tmp/x; bash', 'cd /tmp && scp -r -pf x', '/usr/bin/scp -d -t x', 'sh -c "scp -t x"'])(
    'F2: takes %s for a command that copies, too',
    (command) => {
      expect(ruleForStart(exec(command), policy({ scp: false })).kind).toBe('refuse');
      expect(ruleForStart(exec(command), policy({ exec: false })).kind).toBe('refuse');
      expect(ruleForStart(exec(command), policy({})).kind).toBe('pass');
    },
  );

  it('F2: takes a server of sftp that is started as a command for sftp', () => {
    const command = exec('/usr/lib/openssh/sftp-server -l INFO');
    expect(ruleForStart(command, policy({ sftp: false })).kind).toBe('refuse');
    expect(ruleForStart(command, policy({})).kind).toBe('pass');
  });

  it('does not take other commands for them', () => {
    const strict = policy({ scp: false, sftp: false });
    for (const command of ['scp file elsewhere:', 'myscp -t', 'tar -tf scp.tar', 'echo sftp-servers', 'ls scp -l'])
      expect(ruleForStart(exec(command), strict).kind, command).toBe('pass');
  });

  it('G3: cannot see what a command hides', () => {
    const strict = policy({ scp: false });
    for (const command of ['$(echo scp) -t /tmp/x', 'cat >/tmp/x'])
      expect(ruleForStart(exec(command), strict).kind, command).toBe('pass');
  });
});
