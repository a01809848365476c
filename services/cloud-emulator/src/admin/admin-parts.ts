import type { Clock } from '../clock.js';
import type { CallCounter } from '../gateway/call-counter.js';
import type { Faults } from '../gateway/faults.js';
import type { KeyRing } from '../gateway/key-ring.js';
import type { SimulatedInstances } from '../instances/simulated-instances.js';
import type { Rotations } from '../kms/rotations.js';
import type { Schedule } from '../kms/schedule.js';
import type { RuleBook } from '../rules.js';
import type { KeyVault } from '../state/key-vault.js';
import type { StateStore } from '../state/state-store.js';

/** What the admin calls look at and change. */
export interface AdminParts {
  readonly store: StateStore;
  readonly vault: KeyVault;
  /** Of resources: rotations and deletion windows. */
  readonly clock: Clock;
  /** Of signatures. */
  readonly gatewayClock: Clock;
  readonly rules: RuleBook;
  readonly rotations: Rotations;
  readonly schedule: Schedule;
  readonly instances: SimulatedInstances;
  readonly keyRing: KeyRing;
  readonly faults: Faults;
  readonly calls: CallCounter;
  readonly token: { expose(): string } | undefined;
}
