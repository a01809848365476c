import { z } from 'zod';
import { defineRequest } from '../define.js';
import { Actor } from '../values.js';
import { eventFilter, StoredEvent } from './audit.v1.js';

/** Events after a place in the log, in its order. */
export const FollowEventsV1 = defineRequest({
  subject: 'audit.event.follow.v1',
  callers: ['api'],
  timeoutMs: 15_000,
  roles: ['auditor'],
  request: z.strictObject({
    actor: Actor,
    /** A sequence; without it from now on. */
    after: z.int().min(0).optional(),
    /** Wait for the next event where there is none, some seconds. */
    wait: z.boolean().default(false),
    ...eventFilter,
  }),
  reply: z.object({
    items: z.array(StoredEvent),
    /** What to ask after the next time: all up to this has been looked at. */
    position: z.int().min(0),
  }),
  errors: [],
});
