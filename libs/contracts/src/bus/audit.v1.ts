import { z } from 'zod';
import { defineRequest } from '../define.js';
import { AccountId, HostId, SessionId, UserId } from '../ids.js';
import { Session } from '../resources.js';
import { Actor, Base64, Instant, PageRequest, pageOf } from '../values.js';

/** A stored event: the CloudEvent itself and its place in the log, counted from 1. */
export const StoredEvent = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.uuid(),
  type: z.string(),
  source: z.string(),
  subject: z.string().optional(),
  time: Instant,
  datacontenttype: z.literal('application/json'),
  traceparent: z.string().optional(),
  data: z.record(z.string(), z.unknown()),
  sequence: z.int().min(1),
});
export type StoredEvent = z.infer<typeof StoredEvent>;

/** What events can be found by; all must hold. */
export const eventFilter = {
  /** The whole type, or a beginning that ends in `.`: `io.sallyport.session.` */
  type: z.string().max(128).optional(),
  subject: z.string().max(256).optional(),
  sessionId: SessionId.optional(),
  /** About this user, or done by this user. */
  userId: UserId.optional(),
  hostId: HostId.optional(),
  accountId: AccountId.optional(),
  secretName: z.string().max(256).optional(),
  secretVersionId: z.string().max(256).optional(),
  /** Somewhere in what was run, in either case. */
  command: z.string().min(3).max(256).optional(),
  since: Instant.optional(),
  until: Instant.optional(),
};

/** Events in the order of the log; `order` `desc` has the newest first. All filters must hold. */
export const ListEventsV1 = defineRequest({
  subject: 'audit.event.list.v1',
  callers: ['api'],
  timeoutMs: 10_000,
  roles: ['auditor'],
  request: PageRequest.extend({
    actor: Actor,
    order: z.enum(['asc', 'desc']).default('asc'),
    ...eventFilter,
  }),
  reply: pageOf(StoredEvent),
  errors: ['request.invalid'],
});

/** A signed head of the log. */
export const Checkpoint = z.object({
  /** Events that it covers: those with a sequence up to this. */
  size: z.int().min(1),
  /** RFC 9162 section 2.1.1, over the very bytes of the events. */
  rootHash: Base64,
  /** C2SP tlog-checkpoint: the signed note itself. */
  checkpoint: z.string(),
  madeAt: Instant,
  /** Of the key that signs, C2SP signed-note. Have it from somewhere else as well. */
  verifierKey: z.string(),
});
export type Checkpoint = z.infer<typeof Checkpoint>;
const proof = z.array(Base64);

export const ShowCheckpointV1 = defineRequest({
  subject: 'audit.checkpoint.show.v1',
  callers: ['api'],
  timeoutMs: 5_000,
  roles: ['auditor'],
  request: z.strictObject({ actor: Actor }),
  reply: Checkpoint,
  errors: ['checkpoint.not-found'],
});

/** That one event is in the log of the newest checkpoint: RFC 9162 section 2.1.3, of leaf `sequence - 1`. */
export const ProveEventV1 = defineRequest({
  subject: 'audit.event.prove.v1',
  callers: ['api'],
  timeoutMs: 5_000,
  roles: ['auditor'],
  request: z.strictObject({ actor: Actor, sequence: z.int().min(1) }),
  reply: Checkpoint.extend({ sequence: z.int(), leafHash: Base64, proof }),
  errors: ['checkpoint.not-found', 'event.not-found'],
});

/** That the log as it was when it had `first` events is the beginning of that of the newest checkpoint: section 2.1.4. */
export const ProveConsistencyV1 = defineRequest({
  subject: 'audit.checkpoint.prove.v1',
  callers: ['api'],
  timeoutMs: 5_000,
  roles: ['auditor'],
  request: z.strictObject({ actor: Actor, first: z.int().min(1) }),
  reply: Checkpoint.extend({ first: z.int(), proof }),
  errors: ['checkpoint.not-found'],
});

/** One part of an export; put together in order they are lines, docs/wire/audit-log.md. */
export const ExportEventsV1 = defineRequest({
  subject: 'audit.event.export.v1',
  callers: ['api'],
  timeoutMs: 20_000,
  roles: ['auditor'],
  request: z.strictObject({
    actor: Actor,
    /** Sequences; by default all that the newest checkpoint covers. */
    first: z.int().min(1).optional(),
    last: z.int().min(1).optional(),
    ...eventFilter,
    /** As the part before said. */
    next: z
      .strictObject({ from: z.int().min(1), last: z.int().min(1), size: z.int().min(1), withBlock: z.boolean() })
      .optional(),
  }),
  reply: z.object({
    /** Whole lines, each with its line break. */
    lines: z.base64(),
    /** Absent with the last part. */
    next: z.object({ from: z.int(), last: z.int(), size: z.int(), withBlock: z.boolean() }).optional(),
  }),
  errors: ['checkpoint.not-found'],
});

/** Newest first; all filters must hold. An operator who is not an auditor sees only his own. */
export const ListSessionsV1 = defineRequest({
  subject: 'audit.session.list.v1',
  callers: ['api'],
  timeoutMs: 10_000,
  roles: ['auditor', 'operator'],
  request: PageRequest.extend({
    actor: Actor,
    status: z.enum(['active', 'closed']).optional(),
    userId: UserId.optional(),
    hostId: HostId.optional(),
    accountId: AccountId.optional(),
    /** That used this secret, or this version of it, to log on. For auditors. */
    secretName: eventFilter.secretName,
    secretVersionId: eventFilter.secretVersionId,
    /** Opened from this time on. */
    since: Instant.optional(),
    /** Opened before this time. */
    until: Instant.optional(),
  }),
  reply: pageOf(Session),
  errors: ['request.invalid'],
});

export const GetSessionV1 = defineRequest({
  subject: 'audit.session.get.v1',
  callers: ['api'],
  timeoutMs: 5_000,
  roles: ['auditor', 'operator'],
  request: z.strictObject({ actor: Actor, sessionId: SessionId }),
  reply: Session,
  errors: ['session.not-found'],
});
