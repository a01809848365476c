import type { Clock } from '../clock.js';
import type { KeyVault } from '../state/key-vault.js';
import type { Rotations } from './rotations.js';

/** What the operations of KMS work on. */
export interface KmsContext {
  readonly vault: KeyVault;
  /** For the life of resources, not for signatures. */
  readonly clock: Clock;
  readonly rotations: Rotations;
}
