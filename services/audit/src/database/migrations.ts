import { Commands1764620000000 } from '../migrations/1764620000000-commands.js';
import { EventLog1764000000000 } from '../migrations/1764000000000-event-log.js';
import { LostSessions1764700000000 } from '../migrations/1764700000000-lost-sessions.js';
import { Recordings1764300000000 } from '../migrations/1764300000000-recordings.js';
import { RecordingsToStore1764500000000 } from '../migrations/1764500000000-recordings-to-store.js';
import { Retention1764600000000 } from '../migrations/1764600000000-retention.js';
import { SessionQueries1764610000000 } from '../migrations/1764610000000-session-queries.js';
import { Subscriptions1764200000000 } from '../migrations/1764200000000-subscriptions.js';
import { TransparencyLog1764100000000 } from '../migrations/1764100000000-transparency-log.js';

export const migrations = [
  EventLog1764000000000,
  TransparencyLog1764100000000,
  Subscriptions1764200000000,
  Recordings1764300000000,
  RecordingsToStore1764500000000,
  Retention1764600000000,
  SessionQueries1764610000000,
  Commands1764620000000,
  LostSessions1764700000000,
];
/** The tables that this version needs. */
export const tablesVersion = LostSessions1764700000000.name;
