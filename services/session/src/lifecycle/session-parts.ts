import type { AuditPublisher, Bus } from '@sallyport/messaging';
import type { FlowOptions } from '@sallyport/ssh-wire';
import type { Logger } from '@sallyport/telemetry';
import type { TokenVerifier } from '@sallyport/tokens';
import type { AuthenticationRules } from '../downstream/authenticate-user.js';
import type { BeginRecording } from '../recording/channel-recorder.js';
import type { LogOn } from '../upstream/log-on.js';
import type { Capacity } from './capacity.js';
import type { AccessWatch } from './access-watch.js';
import type { LimitDefaults } from './limit-watch.js';
import type { Timers } from '../timers.js';

/** What every session works with. */
export interface SessionParts {
  readonly bus: Bus;
  readonly verifier: TokenVerifier;
  readonly audit: AuditPublisher;
  readonly log: Logger;
  readonly logOn: LogOn;
  readonly authentication: AuthenticationRules;
  /** Of every connection, to clients and to targets. */
  readonly flow: FlowOptions;
  readonly timers: Timers;
  readonly limits: LimitDefaults;
  readonly capacity: Capacity;
  readonly access: AccessWatch;
  readonly beginRecording: BeginRecording;
  /** How long a lobby may stand in which nobody does anything. */
  readonly menuIdleMs: number;
}
