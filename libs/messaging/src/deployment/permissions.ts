import { allEvents, allRequests, type ServiceName } from '@sallyport/contracts';
import { auditStream } from '../audit-publisher.js';
import { inboxPrefix } from '../connection.js';
import { recordingStream } from '../recording-stream.js';

/** What one NATS identity may publish and subscribe to, in the words of nats-server's configuration. */
export interface Permissions {
  publish: { allow: string[]; deny?: string[] };
  subscribe: { allow: string[] };
  /** Answer a request, at its reply subject, and nowhere else. Not of who consumes a stream. */
  allow_responses?: { max: number; expires: string };
}

/** Durable consumer of the audit store. */
export const auditStoreConsumer = 'audit-store';
/**
 * Every event, `audit.<noun>.<past-verb>`, and nothing else: `audit.>` would take in the requests to audit as well, and with
 * them the identities of those who ask.
 */
export const auditSubjects = 'audit.*.*';
/** Durable consumer of the recording store: of what begins and ends. */
export const recordingStoreConsumer = 'recording-store';
/** Every message of a recording: `recording.data.chunk.<sessionId>.<channel>`, `recording.control.<begin or end>.…`. */
export const recordingSubjects = 'recording.*.*.*.*';
/** Of these, what begins and ends. */
export const recordingControlSubjects = 'recording.control.*.*.*';
/** KV bucket of the ids of used grants. */
export const usedGrantsBucket = 'used-grants';
/** KV bucket of what hosts have refused lately. */
export const hostRefusalsBucket = 'host-refusals';

/** Made from the contracts alone: `callers` of each request, owner of each subject, `sources` of each event. */
export function permissionsOf(service: ServiceName): Permissions {
  const wire = (r: (typeof allRequests)[number]) => (r.addressed ? `${r.subject}.*` : r.subject);
  const answered = allRequests.filter((r) => r.subject.startsWith(`${service}.`));
  const owned = answered.map(wire);
  const asked = allRequests.filter((r) => r.callers.includes(service)).map(wire);
  const events = allEvents.filter((e) => e.sources.includes(service)).map((e) => e.subject);
  const streams = jetStreamOf(service);
  // For allow_responses nats-server remembers every message that has a reply subject until it expires, and when these are more
  // than 4,096 it walks through all of them at each message (client.go, pruneReplyPerms). Messages of a stream all have one, to
  // be acknowledged: who consumes a stream answers at the inboxes of its callers instead, whose names nobody can guess.
  const consumes = streams.some((subject) => subject.startsWith('$JS.ACK.'));
  const inboxes = [...new Set(answered.flatMap((r) => r.callers))].map((caller) => `${inboxPrefix(caller)}.>`);
  return {
    publish: { allow: [...asked, ...events, ...streams, ...(consumes ? inboxes : [])].sort() },
    subscribe: { allow: [...owned, `${inboxPrefix(service)}.>`].sort() },
    ...(owned.length > 0 && !consumes ? { allow_responses: { max: 2, expires: '1m' } } : {}),
  };
}

function jetStreamOf(service: ServiceName): string[] {
  switch (service) {
    case 'audit':
      return [
        '$JS.API.INFO',
        `$JS.API.STREAM.INFO.${auditStream}`,
        `$JS.API.CONSUMER.INFO.${auditStream}.${auditStoreConsumer}`,
        `$JS.API.CONSUMER.MSG.NEXT.${auditStream}.${auditStoreConsumer}`,
        `$JS.ACK.${auditStream}.${auditStoreConsumer}.>`,
        `$JS.API.STREAM.INFO.${recordingStream}`,
        `$JS.API.CONSUMER.INFO.${recordingStream}.${recordingStoreConsumer}`,
        `$JS.API.CONSUMER.MSG.NEXT.${recordingStream}.${recordingStoreConsumer}`,
        `$JS.ACK.${recordingStream}.${recordingStoreConsumer}.>`,
        `$JS.API.DIRECT.GET.${recordingStream}`,
        `$JS.API.STREAM.PURGE.${recordingStream}`,
      ];
    case 'secret-broker':
      return [
        '$JS.API.INFO',
        ...[usedGrantsBucket, hostRefusalsBucket].flatMap((bucket) => [
          `$JS.API.STREAM.INFO.KV_${bucket}`,
          `$JS.API.DIRECT.GET.KV_${bucket}.>`,
          `$JS.API.STREAM.MSG.GET.KV_${bucket}`,
          `$KV.${bucket}.>`,
        ]),
      ];
    case 'api':
    case 'asset':
      return [];
    case 'session':
      return [recordingSubjects];
  }
}

/** A subscriber of audit events outside of the team: it reads, by consumers of its own, and can disturb nothing. */
export function subscriberPermissions(): Permissions {
  const consumers = `$JS.API.CONSUMER`;
  return {
    publish: {
      allow: [
        '$JS.API.INFO',
        `$JS.API.STREAM.INFO.${auditStream}`,
        `${consumers}.CREATE.${auditStream}`,
        `${consumers}.CREATE.${auditStream}.>`,
        `${consumers}.DURABLE.CREATE.${auditStream}.>`,
        `${consumers}.INFO.${auditStream}.>`,
        `${consumers}.MSG.NEXT.${auditStream}.>`,
        `${consumers}.DELETE.${auditStream}.>`,
        `$JS.ACK.${auditStream}.>`,
        '$JS.FC.>',
      ],
      deny: [
        `${consumers}.*.${auditStream}.${auditStoreConsumer}`,
        `${consumers}.*.${auditStream}.${auditStoreConsumer}.>`,
        `${consumers}.DURABLE.CREATE.${auditStream}.${auditStoreConsumer}`,
        `${consumers}.MSG.NEXT.${auditStream}.${auditStoreConsumer}`,
        `$JS.ACK.${auditStream}.${auditStoreConsumer}.>`,
      ],
    },
    subscribe: { allow: [auditSubjects, '_INBOX.>'] },
  };
}
