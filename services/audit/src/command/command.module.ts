import type { Provider } from '@nestjs/common';
import { ServiceLogger } from '@sallyport/messaging';
import { Database } from '@sallyport/postgres';
import type { Settings } from '../config.js';
import { RecordingStore } from '../recording/recording-store.js';
import { Commands } from './commands.js';
import { PostgresCommands } from './commands.typeorm.js';
import { ReadScreens } from './read-screens.js';
import { ShowCommands } from './show-commands.js';

/** The wiring of what was run. */
export function commandProviders({ AUDIT_RECORDING_KEY }: Settings): Provider[] {
  const key = Buffer.from(AUDIT_RECORDING_KEY.expose(), 'base64');
  return [
    { provide: Commands, inject: [Database], useFactory: (db: Database) => new PostgresCommands(db) },
    {
      provide: ReadScreens,
      inject: [Commands, RecordingStore, ServiceLogger],
      useFactory: (commands: Commands, store: RecordingStore, { log }: ServiceLogger) =>
        new ReadScreens(commands, store, key, log),
    },
    {
      provide: ShowCommands,
      inject: [Commands],
      useFactory: (commands: Commands) => new ShowCommands(commands),
    },
  ];
}
