import type { SessionLimits } from '@sallyport/contracts';
import { ProtocolPolicy } from '@sallyport/contracts';
import type { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { combinePermissions } from './combine-permissions.js';

const permission = (policy: z.input<typeof ProtocolPolicy> = {}, limits: SessionLimits = {}) => ({
  policy: ProtocolPolicy.parse(policy),
  limits,
});

describe('combinePermissions', () => {
  it('leaves one as it is', () => {
    const one = permission({ shell: false, agent: true, files: { upload: false } }, { idleSeconds: 60 });
    expect(combinePermissions([one])).toEqual(one);
  });

  it('permits what any of them permits, each switch for itself', () => {
    const forwards = permission({ shell: false, localForward: true, files: { upload: false, rmdir: false } });
    const files = permission({ sftp: false, exec: false, files: { upload: false, download: false } });
    const both = permission({ localForward: true, files: { upload: false } });
    expect(combinePermissions([forwards, files])).toEqual(both);
    expect(combinePermissions([files, forwards])).toEqual(both);
  });

  it('permits nothing that none of them permits', () => {
    const none = { shell: false, exec: false, sftp: false, scp: false };
    expect(combinePermissions([permission(none), permission(none)])).toEqual(permission(none));
  });

  it('records the most that any of them asks for', () => {
    for (const [one, other, most] of [
      ['off', 'echoed', 'echoed'],
      ['all', 'echoed', 'all'],
      ['off', 'off', 'off'],
    ] as const) {
      const recorded = combinePermissions([permission({ recordInput: one }), permission({ recordInput: other })]);
      expect(recorded.policy.recordInput).toBe(most);
    }
  });

  it('takes the shortest of each limit, whichever has it: another permission does not lift it', () => {
    const limits = [{ idleSeconds: 900 }, {}, { idleSeconds: 60, durationSeconds: 7_200 }, { durationSeconds: 3_600 }];
    const [first, ...others] = limits.map((one) => permission({}, one));
    const together = { idleSeconds: 60, durationSeconds: 3_600 };
    expect(combinePermissions([first ?? permission(), ...others]).limits).toEqual(together);
    expect(combinePermissions([permission(), ...others.reverse()]).limits).toEqual(together);
  });
});
