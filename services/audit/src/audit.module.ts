import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { Connection, ServiceLogger } from '@sallyport/messaging';
import { createDataSource, Database } from '@sallyport/postgres';
import { NoteSigner, NoteVerifier } from '@sallyport/transparency';
import type { Settings } from './config.js';
import { checkRights } from './database/check-rights.typeorm.js';
import { tablesVersion } from './database/migrations.js';
import { ExportController } from './export/export.controller.js';
import { ExportEvents } from './export/export-events.js';
import { EventConsumer } from './log/event-consumer.js';
import { EventLog, Quarantine } from './log/event-log.js';
import { PostgresEventLog } from './log/event-log.typeorm.js';
import { EventController } from './log/event.controller.js';
import { ListEvents } from './log/list-events.js';
import { PostgresQuarantine } from './log/quarantine.typeorm.js';
import { StoreEvents } from './log/store-events.js';
import { SessionIndex } from './session/session-index.js';
import { PostgresSessionIndex } from './session/session-index.typeorm.js';
import { SessionController } from './session/session.controller.js';
import { ShowSessions } from './session/show-sessions.js';
import { CheckpointClock } from './tree/checkpoint-clock.js';
import { GrowTree } from './tree/grow-tree.js';
import { ProofController } from './tree/proof.controller.js';
import { Prove } from './tree/prove.js';
import { SealLog } from './tree/seal-log.js';
import { TreeStore } from './tree/tree-store.js';
import { PostgresTreeStore } from './tree/tree-store.typeorm.js';
import { FileWitness } from './tree/witness-file.js';
import { WebhookWitness } from './tree/witness-webhook.js';
import { compareWithWitness, type Witness } from './tree/witness.js';

/** A checkpoint is signed at once when this many events are without. */
const checkpointEvents = 1_000;

/** The wiring: which adapter stands behind which port. */
@Module({})
export class AuditModule {
  static register(settings: Settings): DynamicModule {
    const signer = new NoteSigner(settings.AUDIT_LOG_ORIGIN, settings.AUDIT_LOG_PRIVATE_KEY.expose());
    const witnesses = witnessesOf(settings);
    const providers: Provider[] = [
      { provide: Database, useFactory: () => connect(settings) },
      { provide: EventLog, inject: [Database], useFactory: (db: Database) => new PostgresEventLog(db) },
      { provide: Quarantine, inject: [Database], useFactory: (db: Database) => new PostgresQuarantine(db) },
      { provide: SessionIndex, inject: [Database], useFactory: (db: Database) => new PostgresSessionIndex(db) },
      {
        provide: TreeStore,
        inject: [Database],
        useFactory: async (db: Database) => {
          const store = new PostgresTreeStore(db);
          const key = new NoteVerifier(signer.verifierKey);
          for (const witness of witnesses) await compareWithWitness(witness, store, key);
          return store;
        },
      },
      {
        provide: GrowTree,
        inject: [TreeStore],
        useFactory: (store: TreeStore) => new GrowTree(store, signer, checkpointEvents),
      },
      {
        provide: Prove,
        inject: [TreeStore],
        useFactory: (store: TreeStore) => new Prove(store, signer.verifierKey),
      },
      {
        provide: CheckpointClock,
        inject: [Database, EventLog, TreeStore, GrowTree, ServiceLogger],
        useFactory: (db: Database, log: EventLog, store: TreeStore, tree: GrowTree, logger: ServiceLogger) => {
          const seal = new SealLog(db, log, store, tree, settings.AUDIT_CHECKPOINT_SECONDS * 1_000);
          return new CheckpointClock(seal, witnesses, logger.log);
        },
      },
      { provide: ListEvents, inject: [EventLog], useFactory: (log: EventLog) => new ListEvents(log) },
      {
        provide: ExportEvents,
        inject: [EventLog, TreeStore],
        useFactory: (log: EventLog, store: TreeStore) => new ExportEvents(log, store),
      },
      { provide: ShowSessions, inject: [SessionIndex], useFactory: (index: SessionIndex) => new ShowSessions(index) },
      {
        provide: StoreEvents,
        inject: [Database, EventLog, Quarantine, SessionIndex, GrowTree, ServiceLogger],
        useFactory: (
          db: Database,
          log: EventLog,
          odd: Quarantine,
          index: SessionIndex,
          tree: GrowTree,
          logger: ServiceLogger,
        ) => new StoreEvents(db, log, odd, index, tree, logger.log),
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
    const controllers = [EventController, SessionController, ProofController, ExportController];
    return { module: AuditModule, providers, controllers };
  }
}

function witnessesOf({ AUDIT_WITNESS_FILE: file, AUDIT_WITNESS_URL: url }: Settings): Witness[] {
  return [
    ...(file === undefined ? [] : [new FileWitness(file)]),
    ...(url === undefined ? [] : [new WebhookWitness(url)]),
  ];
}

async function connect({ POSTGRES_URL }: Pick<Settings, 'POSTGRES_URL'>): Promise<Database> {
  const dataSource = createDataSource({
    url: POSTGRES_URL,
    entities: [],
    migrations: [],
    applicationName: 'sallyport-audit',
  });
  await dataSource.initialize();
  const database = new Database(dataSource);
  await checkRights(database, tablesVersion);
  return database;
}
