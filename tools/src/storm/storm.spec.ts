import { describe, expect, it } from 'vitest';
import { readStormOptions } from './options.js';
import { describeStorm, readSshdLog } from './report.js';
import type { StormResults } from './report.js';

describe('npm run storm', () => {
  it('rages for a minute with 20 logons a second unless told', () => {
    expect(readStormOptions([])).toEqual({
      ...{
        seconds: 60,
        rate: 20,
        everyMs: 1_000,
        gapMs: 150,
        slowMs: 0,
        client: 'ssh',
        json: undefined,
        home: undefined,
      },
    });
    expect(
      readStormOptions(['--slow', '300', '--gap', '0', '--client', 'ssh2'], { SALLYPORT_E2E_HOME: '/x' }),
    ).toMatchObject({
      ...{ slowMs: 300, gapMs: 0, client: 'ssh2', home: '/x' },
    });
  });

  it.each([
    [['--rate', '0'], '--rate must be a whole number from 1'],
    [['--seconds', 'long'], '--seconds must be a whole number'],
    [['--client', 'telnet'], '--client must be ssh or ssh2'],
    [['--often', '1'], 'often'],
  ])('refuses %j and says why', (args, why) => {
    expect(() => readStormOptions(args)).toThrow(why);
  });

  it('counts what sshd logs at LogLevel VERBOSE', () => {
    const log = [
      'Server listening on 127.0.0.1 port 2222.',
      'Connection from 127.0.0.1 port 1 on 127.0.0.1 port 2222 rdomain ""',
      'Accepted key RSA SHA256:x found at /home/key/.ssh/authorized_keys:1',
      'Accepted publickey for key from 127.0.0.1 port 1 ssh2: RSA SHA256:x',
      'Connection from 127.0.0.1 port 2 on 127.0.0.1 port 2222 rdomain ""',
      'Failed password for pass from 127.0.0.1 port 2 ssh2',
      'srclimit_penalise: ipv4: new 127.0.0.1/32 deferred penalty of 5 seconds for penalty: failed authentication',
      'drop connection #0 from [127.0.0.1]:3 on [127.0.0.1]:2222 penalty: failed authentication',
    ];
    expect(readSshdLog(log)).toEqual({ connections: 2, logons: 1, penalties: 2 });
  });

  it('shows what a person wants to know', () => {
    const results: StormResults = {
      options: readStormOptions([]),
      openssh: 'OpenSSH_10.3p1',
      logons: 3,
      failures: ['exit code 255: why'],
      told: 1,
      tookMs: [100, 200, 4_000],
      attempts: { '1': 2, '3': 1 },
      rotations: { 'kms-first': 2, 'host-first, failed after': 1 },
      target: { connections: 3, logons: 2, withoutLogon: 1, penalties: 0 },
    };
    const text = describeStorm(results);
    expect(text).toContain('- logons: 3, failed: 1; half within 0.2 s, 99 % within 4.0 s, all within 4.0 s');
    expect(text).toContain('- rotations: host-first, failed after: 1; kms-first: 2');
    expect(text).toContain('- attempts: 1: 2; 3: 1');
    expect(text).toContain('failed: exit code 255: why');
  });
});
