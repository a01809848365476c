import { z } from 'zod';
import { defineEvent } from '../define.js';
import { UserId } from '../ids.js';
import { pub, sensitive } from './field.js';

const byAuditor = { actorId: pub(UserId), username: sensitive(z.string()), clientAddress: sensitive(z.string()) };
const enforced = { sources: ['audit'], guarantee: 'enforced' } as const;

export const AuditLogViewed = defineEvent({
  ...enforced,
  name: 'audit-log.viewed',
  description:
    'Somebody read audit events, or what was run. The same person who asks for the same again within ten minutes, page by page say, is recorded once.',
  data: z.object({
    ...byAuditor,
    operation: pub(z.enum(['list', 'export', 'stream', 'commands'])),
    /** What was asked for, by the names of the query; empty: everything. */
    filter: sensitive(z.record(z.string(), z.string())),
  }),
});

export const AuditLogPruned = defineEvent({
  ...enforced,
  name: 'audit-log.pruned',
  description:
    'A month of events is older than events are kept, and goes: its hashes and the checkpoints stay, so that what is left still proves itself.',
  data: z.object({
    /** When they were stored, UTC: `YYYY-MM`. */
    month: pub(z.string().regex(/^\d{4}-\d{2}$/)),
    /** All from this one on, up to the next, are the month's. */
    firstSequence: pub(z.int()),
    lastSequence: pub(z.int()),
    retentionMonths: pub(z.int()),
  }),
});

const subscription = sensitive(
  z.object({ id: z.string(), name: z.string(), url: z.string(), filter: z.record(z.string(), z.string()) }),
);

export const SubscriptionCreated = defineEvent({
  ...enforced,
  name: 'subscription.created',
  description: 'Audit events are sent to one more receiver.',
  data: z.object({ ...byAuditor, subscription }),
});

export const SubscriptionUpdated = defineEvent({
  ...enforced,
  name: 'subscription.updated',
  description: 'A receiver of audit events was paused, resumed, or set back to be sent events again.',
  data: z.object({
    ...byAuditor,
    subscription,
    change: pub(z.enum(['paused', 'resumed', 'rewound', 'retried'])),
    /** The next event that is sent, with `rewound`. */
    position: pub(z.int()).optional(),
    /** The one that would have been sent next. */
    positionBefore: pub(z.int()).optional(),
  }),
});

export const SubscriptionDeleted = defineEvent({
  ...enforced,
  name: 'subscription.deleted',
  description: 'A receiver is sent audit events no longer.',
  data: z.object({ ...byAuditor, subscription }),
});
