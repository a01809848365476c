import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import { auditStream } from '../audit-publisher.js';
import { recordingStream } from '../recording-stream.js';
import {
  auditStoreConsumer,
  auditSubjects,
  hostRefusalsBucket,
  recordingControlSubjects,
  recordingStoreConsumer,
  recordingSubjects,
  usedGrantsBucket,
} from './permissions.js';

/** A grant lives a minute; five keep its id longer than any clock difference that is tolerated. */
const usedGrantsTtlMs = 5 * 60_000;
/** A penalty of OpenSSH takes ten minutes at most (`PerSourcePenalties`, `max`). */
const hostRefusalsTtlMs = 10 * 60_000;

/** Makes, or brings up to date, what services expect to find. Safe to repeat. Needs the `operator` identity. */
export async function setUpStreams(connection: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(connection);
  await setUpAuditStream(manager);
  await setUpRecordingStream(manager);
  const buckets = new Kvm(connection);
  await buckets.create(usedGrantsBucket, { ttl: usedGrantsTtlMs, history: 1, storage: StorageType.File });
  await buckets.create(hostRefusalsBucket, { ttl: hostRefusalsTtlMs, history: 1, storage: StorageType.File });
}

/** When it is full it takes no more, rather than dropping the oldest: what cannot be recorded is then not done. */
async function setUpAuditStream(manager: JetStreamManager): Promise<void> {
  const stream = {
    name: auditStream,
    subjects: [auditSubjects],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    duplicate_window: nanos(10 * 60_000),
    deny_delete: true,
    deny_purge: true,
  };
  await addOrUpdate(manager, stream);
  await manager.consumers.add(auditStream, {
    durable_name: auditStoreConsumer,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    // A batch is stored in well under a second; this is how long the events of a process that died wait.
    ack_wait: nanos(5_000),
    max_ack_pending: 10_000,
  });
}

/**
 * What is recorded waits here until it is in the store, and is then taken out by its subject. When it is full it takes no more:
 * sessions that cannot be recorded end.
 */
async function setUpRecordingStream(manager: JetStreamManager): Promise<void> {
  await addOrUpdate(manager, {
    name: recordingStream,
    subjects: [recordingSubjects],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    duplicate_window: nanos(10 * 60_000),
    allow_direct: true,
  });
  await manager.consumers.add(recordingStream, {
    durable_name: recordingStoreConsumer,
    // Chunks are read by their subject, when they are needed.
    filter_subject: recordingControlSubjects,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    // A long recording takes a while to read and store.
    ack_wait: nanos(60_000),
    max_ack_pending: 1_000,
  });
}

async function addOrUpdate(
  manager: JetStreamManager,
  stream: Parameters<JetStreamManager['streams']['add']>[0],
): Promise<void> {
  const exists = await manager.streams.info(stream.name).then(
    () => true,
    () => false,
  );
  await (exists ? manager.streams.update(stream.name, stream) : manager.streams.add(stream));
}
