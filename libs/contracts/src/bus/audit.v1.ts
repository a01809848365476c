import { z } from 'zod';
import { defineRequest } from '../define.js';
import { SessionId, UserId } from '../ids.js';
import { Session } from '../resources.js';
import { Actor, Instant, PageRequest, pageOf } from '../values.js';

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

/** Events in the order of the log; `order` `desc` has the newest first. All filters must hold. */
export const ListEventsV1 = defineRequest({
  subject: 'audit.event.list.v1',
  callers: ['api'],
  timeoutMs: 10_000,
  roles: ['auditor'],
  request: PageRequest.extend({
    actor: Actor,
    order: z.enum(['asc', 'desc']).default('asc'),
    /** The whole type, or a beginning that ends in `.`: `io.sallyport.session.` */
    type: z.string().max(128).optional(),
    subject: z.string().max(256).optional(),
    sessionId: SessionId.optional(),
    userId: UserId.optional(),
    since: Instant.optional(),
    until: Instant.optional(),
  }),
  reply: pageOf(StoredEvent),
  errors: ['request.invalid'],
});

/** Newest first. An operator who is not an auditor sees only his own. */
export const ListSessionsV1 = defineRequest({
  subject: 'audit.session.list.v1',
  callers: ['api'],
  timeoutMs: 10_000,
  roles: ['auditor', 'operator'],
  request: PageRequest.extend({
    actor: Actor,
    status: z.enum(['active', 'closed']).optional(),
    userId: UserId.optional(),
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
