import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { Connection, ServiceLogger } from '@sallyport/messaging';
import { createDataSource, Database, runMigrations } from '@sallyport/postgres';
import type { Settings } from './config.js';
import { EventConsumer } from './log/event-consumer.js';
import { EventLog, Quarantine } from './log/event-log.js';
import { PostgresEventLog } from './log/event-log.typeorm.js';
import { EventController } from './log/event.controller.js';
import { ListEvents } from './log/list-events.js';
import { PostgresQuarantine } from './log/quarantine.typeorm.js';
import { StoreEvents } from './log/store-events.js';
import { EventLog1764000000000 } from './migrations/1764000000000-event-log.js';
import { SessionIndex } from './session/session-index.js';
import { PostgresSessionIndex } from './session/session-index.typeorm.js';
import { SessionController } from './session/session.controller.js';
import { ShowSessions } from './session/show-sessions.js';

/** The wiring: which adapter stands behind which port. */
@Module({})
export class AuditModule {
  static register(settings: Pick<Settings, 'POSTGRES_URL' | 'AUDIT_BATCH_SIZE'>): DynamicModule {
    const providers: Provider[] = [
      { provide: Database, useFactory: () => connect(settings) },
      { provide: EventLog, inject: [Database], useFactory: (db: Database) => new PostgresEventLog(db) },
      { provide: Quarantine, inject: [Database], useFactory: (db: Database) => new PostgresQuarantine(db) },
      { provide: SessionIndex, inject: [Database], useFactory: (db: Database) => new PostgresSessionIndex(db) },
      { provide: ListEvents, inject: [EventLog], useFactory: (log: EventLog) => new ListEvents(log) },
      { provide: ShowSessions, inject: [SessionIndex], useFactory: (index: SessionIndex) => new ShowSessions(index) },
      {
        provide: StoreEvents,
        inject: [Database, EventLog, Quarantine, SessionIndex, ServiceLogger],
        useFactory: (db: Database, log: EventLog, odd: Quarantine, index: SessionIndex, logger: ServiceLogger) =>
          new StoreEvents(db, log, odd, index, logger.log),
      },
      {
        provide: EventConsumer,
        inject: [Connection, ServiceLogger, StoreEvents],
        useFactory: (connection: Connection, logger: ServiceLogger, store: StoreEvents) =>
          new EventConsumer(connection, logger, store, settings.AUDIT_BATCH_SIZE),
      },
      {
        provide: 'close',
        inject: [Database],
        useFactory: (db: Database) => ({ onApplicationShutdown: () => db.close() }),
      },
    ];
    return { module: AuditModule, providers, controllers: [EventController, SessionController] };
  }
}

async function connect({ POSTGRES_URL }: Pick<Settings, 'POSTGRES_URL'>): Promise<Database> {
  const dataSource = createDataSource({
    url: POSTGRES_URL,
    entities: [],
    migrations: [EventLog1764000000000],
    applicationName: 'sallyport-audit',
  });
  await dataSource.initialize();
  await runMigrations(dataSource);
  return new Database(dataSource);
}
