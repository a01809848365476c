import { describe, expect, it } from 'vitest';
import { settings } from '../config.js';
import type { Settings } from '../config.js';
import { shareOf } from './share.js';

const limits = [
  'SESSION_MAX_MEMORY_BYTES',
  'SESSION_MAX_UNAUTHENTICATED',
  'SESSION_MAX_UNAUTHENTICATED_PER_ADDRESS',
  'SESSION_MAX_FAILURES_PER_MINUTE',
] as const;

const usual = (name: keyof typeof settings.shape): unknown => settings.shape[name].safeParse(undefined).data;

/** Of all settings, those that a share is made of; the others are no part of it. */
function of(more: Partial<Settings>): Settings {
  const names = ['SESSION_MAX_SESSIONS', 'SESSION_MAX_DELAY_MS', ...limits] as const;
  return { ...Object.fromEntries(names.map((name) => [name, usual(name)])), ...more } as Settings;
}

describe('the share of one process', () => {
  it.each([1, 2, 3, 7, 64])(
    'of %i: all together have what is set, and fewer more than there are processes',
    (processes) => {
      const total = of({ SESSION_PROCESSES: processes, SESSION_MAX_MEMORY_BYTES: 1_000_000_001 });
      const share = shareOf(total);
      for (const name of limits) {
        const together = (share[name] ?? 0) * processes;
        expect(together, name).toBeGreaterThanOrEqual(total[name] ?? 0);
        expect(together - (total[name] ?? 0), name).toBeLessThan(processes);
      }
    },
  );

  it('is never nothing', () => {
    const share = shareOf(of({ SESSION_PROCESSES: 256, SESSION_MAX_UNAUTHENTICATED: 1 }));
    expect(share.SESSION_MAX_UNAUTHENTICATED).toBe(1);
  });

  it('of memory is one of what the machine has to give, where nothing is set', () => {
    const memory = (processes: number): number =>
      shareOf(of({ SESSION_PROCESSES: processes })).SESSION_MAX_MEMORY_BYTES ?? 0;
    expect(memory(1)).toBeGreaterThan(64 * 1024 * 1024);
    expect(memory(4)).toBe(Math.ceil(memory(1) / 4));
  });

  it('leaves alone what is counted together, or is that of each', () => {
    const total = of({ SESSION_PROCESSES: 4 });
    const { SESSION_MAX_SESSIONS, SESSION_MAX_DELAY_MS } = shareOf(total);
    expect([SESSION_MAX_SESSIONS, SESSION_MAX_DELAY_MS]).toEqual([2_000, 500]);
  });
});
