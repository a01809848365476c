import type { Clock } from '../clock.js';
import { SystemClock } from '../clock.js';
import { FairGate } from '../kms/fair-gate.js';
import type { Kms } from '../kms/kms.js';
import { SecretIndex } from './secret-index.js';

/** An index that is not kept waiting. */
export function newIndex(kms: Kms, clock: Clock = new SystemClock()): SecretIndex {
  return new SecretIndex(kms, new FairGate({ inFlight: 1_000, perSecond: 1_000_000 }), clock);
}
