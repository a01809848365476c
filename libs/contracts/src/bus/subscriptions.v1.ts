import { z } from 'zod';
import { defineRequest } from '../define.js';
import { SubscriptionId } from '../ids.js';
import { Actor, Instant, PageRequest, pageOf, Sealed } from '../values.js';

/** Which events a receiver is sent; all must hold. */
export const SubscriptionFilter = z.strictObject({
  /** Whole types, or beginnings that end in `.`; one of them must fit. */
  types: z.array(z.string().min(1).max(128)).min(1).max(32).optional(),
  /** Fields of the event's data, by name, with the value that each must have, as text. */
  data: z.record(z.string().regex(/^[A-Za-z]{1,64}$/), z.string().max(256)).optional(),
});
export type SubscriptionFilter = z.infer<typeof SubscriptionFilter>;

/**
 * `https:` (and, on loopback, `http:`) is a webhook; `syslog+tls:` and `syslog+tcp:` a syslog server. Where it may lead is
 * decided by `audit`, at each connection.
 */
export const SubscriptionUrl = z
  .url({ protocol: /^(https?|syslog\+tls|syslog\+tcp)$/ })
  .max(2_048)
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const { username, password, hash } = new URL(text);
    return username === '' && password === '' && hash === '';
  }, 'has no user, password or fragment');

export const Subscription = z.object({
  id: SubscriptionId,
  name: z.string(),
  url: z.string(),
  filter: SubscriptionFilter,
  status: z.enum(['active', 'paused']),
  /** All events up to this sequence were sent, left out by the filter, or are dead letters. */
  position: z.int(),
  /** Of the events of the log. */
  behind: z.int(),
  /** Failed attempts in a row, the reason of the last, and when the next one is made. */
  failures: z.int(),
  lastError: z.string().optional(),
  retryAt: Instant.optional(),
  deadLetters: z.int(),
  createdAt: Instant,
});
export type Subscription = z.infer<typeof Subscription>;

export const DeadLetter = z.object({
  sequence: z.int(),
  /** Of the event. */
  id: z.string(),
  error: z.string(),
  failedAt: Instant,
  /** It will be sent once more. */
  retrying: z.boolean(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

const byAuditor = { callers: ['api'], timeoutMs: 5_000, roles: ['auditor'] } as const;
const one = z.strictObject({ actor: Actor, subscriptionId: SubscriptionId });

export const ListSubscriptionsV1 = defineRequest({
  ...byAuditor,
  subject: 'audit.subscription.list.v1',
  request: z.strictObject({ actor: Actor }),
  reply: z.object({ items: z.array(Subscription) }),
  errors: [],
});
export const GetSubscriptionV1 = defineRequest({
  ...byAuditor,
  subject: 'audit.subscription.get.v1',
  request: one,
  reply: Subscription,
  errors: ['subscription.not-found'],
});
export const CreateSubscriptionV1 = defineRequest({
  ...byAuditor,
  subject: 'audit.subscription.create.v1',
  request: z.strictObject({
    actor: Actor,
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/),
    url: SubscriptionUrl,
    filter: SubscriptionFilter.default({}),
    /** A sequence; without it from now on. */
    after: z.int().min(0).optional(),
    /** A webhook's key, sealed to `audit` with the name as associated data. */
    secret: Sealed.optional(),
  }),
  reply: Subscription,
  errors: ['subscription.exists', 'subscription.refused'],
});
export const UpdateSubscriptionV1 = defineRequest({
  ...byAuditor,
  subject: 'audit.subscription.update.v1',
  request: one.extend({
    status: z.enum(['active', 'paused']).optional(),
    /** Sends again, or leaves out, what is after this sequence. */
    position: z.int().min(0).optional(),
  }),
  reply: Subscription,
  errors: ['subscription.not-found'],
});
export const DeleteSubscriptionV1 = defineRequest({
  ...byAuditor,
  subject: 'audit.subscription.delete.v1',
  request: one,
  reply: z.object({}),
  errors: ['subscription.not-found'],
});
export const ListDeadLettersV1 = defineRequest({
  ...byAuditor,
  subject: 'audit.dead-letter.list.v1',
  request: PageRequest.extend({ actor: Actor, subscriptionId: SubscriptionId }),
  reply: pageOf(DeadLetter),
  errors: ['subscription.not-found'],
});
/** All dead letters of a subscription are sent once more. */
export const RetryDeadLettersV1 = defineRequest({
  ...byAuditor,
  subject: 'audit.dead-letter.retry.v1',
  request: one,
  reply: z.object({ retrying: z.int() }),
  errors: ['subscription.not-found'],
});
