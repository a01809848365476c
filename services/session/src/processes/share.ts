import type { Settings } from '../config.js';
import { MEMORY_SHARE, usableMemoryBytes } from '../lifecycle/process-load.js';

/**
 * The part of the limits that is one process's: what is set is for all of them together. Sessions they count together
 * (`shareSessions`). Of memory and of the places at the door each has its share: connections go to the processes in turn, so a place may
 * be refused in one while another has some left. Shares are rounded up, so that none is 0: together they may have a few more than is set,
 * fewer than there are processes.
 */
export function shareOf(settings: Settings): Settings {
  const share = (total: number): number => Math.ceil(total / settings.SESSION_PROCESSES);
  return {
    ...settings,
    SESSION_MAX_MEMORY_BYTES: share(settings.SESSION_MAX_MEMORY_BYTES ?? usableMemoryBytes(MEMORY_SHARE)),
    SESSION_MAX_UNAUTHENTICATED: share(settings.SESSION_MAX_UNAUTHENTICATED),
    SESSION_MAX_UNAUTHENTICATED_PER_ADDRESS: share(settings.SESSION_MAX_UNAUTHENTICATED_PER_ADDRESS),
    SESSION_MAX_FAILURES_PER_MINUTE: share(settings.SESSION_MAX_FAILURES_PER_MINUTE),
  };
}
