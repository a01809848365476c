import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { AuditPublisher, Bus, Connection, RecordingReader, replicaId, ServiceLogger } from '@sallyport/messaging';
import { createDataSource, Database } from '@sallyport/postgres';
import { SealingKey } from '@sallyport/sealing';
import { NoteSigner, NoteVerifier } from '@sallyport/transparency';
import { CommandController } from './command/command.controller.js';
import { commandProviders } from './command/command.module.js';
import { Commands } from './command/commands.js';
import type { Settings } from './config.js';
import { checkRights } from './database/check-rights.typeorm.js';
import { tablesVersion } from './database/migrations.js';
import { ExportController } from './export/export.controller.js';
import { ExportEvents } from './export/export-events.js';
import { EventConsumer } from './log/event-consumer.js';
import { EventLog, Quarantine } from './log/event-log.js';
import { PostgresEventLog } from './log/event-log.typeorm.js';
import { EventController } from './log/event.controller.js';
import { FollowEvents } from './log/follow-events.js';
import { ListEvents } from './log/list-events.js';
import { RecordView } from './log/record-view.js';
import { LogTail } from './log/log-tail.js';
import { PostgresQuarantine } from './log/quarantine.typeorm.js';
import { StoreEvents } from './log/store-events.js';
import { AssembleRecording } from './recording/assemble-recording.js';
import { FolderStore } from './recording/folder-store.js';
import { FollowRecording } from './recording/follow-recording.js';
import { WatchReplicas } from './replica/watch-replicas.js';
import { LostSessions } from './session/lost-sessions.js';
import { LostRecordings } from './recording/lost-recordings.js';
import { RecordingConsumer } from './recording/recording-consumer.js';
import { RecordingStore } from './recording/recording-store.js';
import { RecordingController } from './recording/recording.controller.js';
import { Recordings } from './recording/recordings.js';
import { PostgresRecordings } from './recording/recordings.typeorm.js';
import { S3Store } from './recording/s3-store.js';
import { ShowRecordings } from './recording/show-recordings.js';
import { StoreRecordings } from './recording/store-recordings.js';
import { EventMonths } from './retention/event-months.js';
import { PostgresEventMonths } from './retention/event-months.typeorm.js';
import { PruneLog } from './retention/prune-log.js';
import { s3PlaceOf } from './s3/s3-place.js';
import { SessionIndex } from './session/session-index.js';
import { PostgresSessionIndex } from './session/session-index.typeorm.js';
import { SessionController } from './session/session.controller.js';
import { ShowSessions } from './session/show-sessions.js';
import { ManageSubscriptions } from './subscription/manage-subscriptions.js';
import { OpenChannel } from './subscription/open-channel.js';
import { PermittedAddresses } from './subscription/permitted-address.js';
import { PostgresReceivers } from './subscription/receivers.typeorm.js';
import { SendEvents } from './subscription/send-events.js';
import { Sender } from './subscription/sender.js';
import { SubscriptionController } from './subscription/subscription.controller.js';
import { Receivers, type Receiver } from './subscription/subscription.js';
import { CheckpointClock } from './tree/checkpoint-clock.js';
import { GrowTree } from './tree/grow-tree.js';
import { ProofController } from './tree/proof.controller.js';
import { Prove } from './tree/prove.js';
import { SealLog } from './tree/seal-log.js';
import { TreeStore } from './tree/tree-store.js';
import { PostgresTreeStore } from './tree/tree-store.typeorm.js';
import { compareWithWitness } from './tree/witness.js';
import { witnessesOf } from './tree/witnesses.js';

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
        inject: [EventLog, TreeStore, EventMonths],
        useFactory: (log: EventLog, store: TreeStore, months: EventMonths) => new ExportEvents(log, store, months),
      },
      { provide: EventMonths, inject: [Database], useFactory: (db: Database) => new PostgresEventMonths(db) },
      {
        provide: PruneLog,
        inject: [EventMonths, AuditPublisher, ServiceLogger],
        useFactory: (months: EventMonths, audit: AuditPublisher, { log }: ServiceLogger) =>
          new PruneLog(months, audit, log),
      },
      { provide: LogTail, inject: [TreeStore], useFactory: (store: TreeStore) => new LogTail(() => store.size()) },
      {
        provide: FollowEvents,
        inject: [EventLog, LogTail],
        useFactory: (log: EventLog, tail: LogTail) => new FollowEvents(log, tail),
      },
      { provide: RecordView, inject: [AuditPublisher], useFactory: (audit: AuditPublisher) => new RecordView(audit) },
      { provide: ShowSessions, inject: [SessionIndex], useFactory: (index: SessionIndex) => new ShowSessions(index) },
      {
        provide: StoreEvents,
        inject: [Database, EventLog, Quarantine, SessionIndex, Commands, GrowTree, ServiceLogger],
        useFactory: (
          db: Database,
          log: EventLog,
          odd: Quarantine,
          index: SessionIndex,
          commands: Commands,
          tree: GrowTree,
          logger: ServiceLogger,
        ) => new StoreEvents(db, log, odd, index, commands, tree, logger.log),
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
    const controllers = [
      EventController,
      SessionController,
      ProofController,
      ExportController,
      SubscriptionController,
      RecordingController,
      CommandController,
    ];
    const more = [...subscriptionProviders(settings), ...recordingProviders(settings), ...commandProviders(settings)];
    return { module: AuditModule, providers: [...providers, ...more], controllers };
  }
}

function subscriptionProviders(settings: Settings): Provider[] {
  const channels = new OpenChannel(
    SealingKey.fromPem(settings.AUDIT_SEALING_PRIVATE_KEY.expose()),
    new PermittedAddresses(settings.AUDIT_DELIVERY_NETWORKS),
    settings.AUDIT_LOG_ORIGIN,
    settings.AUDIT_SYSLOG_CA,
  );
  return [
    { provide: Receivers, inject: [Database], useFactory: (db: Database) => new PostgresReceivers(db) },
    {
      provide: ManageSubscriptions,
      inject: [Receivers, LogTail, AuditPublisher],
      useFactory: (receivers: Receivers, tail: LogTail, audit: AuditPublisher) =>
        new ManageSubscriptions(receivers, tail, audit, (receiver) => channels.run(receiver)),
    },
    {
      provide: Sender,
      inject: [Receivers, EventLog, LogTail, ServiceLogger],
      useFactory: (receivers: Receivers, log: EventLog, tail: LogTail, { log: logger }: ServiceLogger) => {
        const open = (receiver: Receiver) => channels.run(receiver);
        const send = new SendEvents(receivers, log, tail, open, replicaId, logger);
        return new Sender(receivers, send, replicaId, logger);
      },
    },
  ];
}

function recordingProviders(settings: Settings): Provider[] {
  const key = Buffer.from(settings.AUDIT_RECORDING_KEY.expose(), 'base64');
  const unseenMs = settings.AUDIT_RECORDING_LOST_SECONDS * 1_000;
  return [
    { provide: Recordings, inject: [Database], useFactory: (db: Database) => new PostgresRecordings(db) },
    { provide: RecordingStore, useFactory: () => recordingStore(settings) },
    {
      provide: AssembleRecording,
      inject: [Recordings, RecordingReader, RecordingStore, AuditPublisher, ServiceLogger],
      useFactory: (
        recordings: Recordings,
        reader: RecordingReader,
        store: RecordingStore,
        audit: AuditPublisher,
        { log }: ServiceLogger,
      ) => new AssembleRecording(recordings, reader, store, audit, key, log),
    },
    {
      provide: StoreRecordings,
      inject: [Recordings, AssembleRecording, ServiceLogger],
      useFactory: (recordings: Recordings, assemble: AssembleRecording, { log }: ServiceLogger) =>
        new StoreRecordings(recordings, assemble, log),
    },
    {
      provide: RecordingConsumer,
      inject: [Connection, Recordings, RecordingReader, StoreRecordings, ServiceLogger],
      useFactory: (
        connection: Connection,
        recordings: Recordings,
        reader: RecordingReader,
        store: StoreRecordings,
        { log }: ServiceLogger,
      ) => new RecordingConsumer(connection, recordings, reader, store, log),
    },
    {
      provide: LostRecordings,
      inject: [Recordings, StoreRecordings, RecordingReader, ServiceLogger],
      useFactory: (recordings: Recordings, store: StoreRecordings, reader: RecordingReader, { log }: ServiceLogger) =>
        new LostRecordings(recordings, store, reader, unseenMs, log),
    },
    {
      // A session that goes on is not to be called lost too soon: its process may have been busy.
      provide: LostSessions,
      inject: [SessionIndex, AuditPublisher, ServiceLogger],
      useFactory: (sessions: SessionIndex, audit: AuditPublisher, { log }: ServiceLogger) =>
        new LostSessions(sessions, audit, 3 * unseenMs, log),
    },
    {
      provide: WatchReplicas,
      inject: [LostRecordings, LostSessions, Bus, ServiceLogger],
      useFactory: (recordings: LostRecordings, sessions: LostSessions, bus: Bus, { log }: ServiceLogger) =>
        new WatchReplicas([recordings, sessions], bus, 2_000, log),
    },
    {
      provide: ShowRecordings,
      inject: [ShowSessions, Recordings, RecordingStore, AuditPublisher],
      useFactory: (sessions: ShowSessions, recordings: Recordings, store: RecordingStore, audit: AuditPublisher) =>
        new ShowRecordings(sessions, recordings, store, audit, key),
    },
    {
      provide: FollowRecording,
      inject: [ShowRecordings, RecordingReader],
      useFactory: (show: ShowRecordings, reader: RecordingReader) => new FollowRecording(show, reader),
    },
  ];
}

/** @throws Error that says what to set */
async function recordingStore(settings: Settings): Promise<RecordingStore> {
  const [folder, place] = [settings.AUDIT_RECORDING_FOLDER, s3PlaceOf(settings, 'AUDIT_RECORDING')];
  if (folder !== undefined && place === undefined) return new FolderStore(folder);
  if (folder === undefined && place !== undefined) return S3Store.open(place);
  throw new Error('set AUDIT_RECORDING_FOLDER or AUDIT_RECORDING_BUCKET, one of them: where recordings are kept');
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
