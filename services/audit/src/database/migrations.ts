import { EventLog1764000000000 } from '../migrations/1764000000000-event-log.js';
import { TransparencyLog1764100000000 } from '../migrations/1764100000000-transparency-log.js';

export const migrations = [EventLog1764000000000, TransparencyLog1764100000000];
/** The tables that this version needs. */
export const tablesVersion = TransparencyLog1764100000000.name;
