import { z } from 'zod';
import { defineRequest } from '../define.js';
import { AccountId, HostId, SessionId, UserId } from '../ids.js';
import { Actor, ClientAddress, Instant } from '../values.js';

/**
 * Session asks every second which of its open sessions have to end: because somebody ended them, or because their user may not
 * be there any more. Says so until they are named no longer.
 */
export const ReviewSessionsV1 = defineRequest({
  subject: 'asset.session.review.v1',
  callers: ['session'],
  timeoutMs: 5_000,
  request: z.strictObject({
    sessions: z
      .array(
        z.strictObject({
          sessionId: SessionId,
          userId: UserId,
          clientAddress: ClientAddress,
          hostId: HostId,
          accountId: AccountId,
        }),
      )
      .max(200),
  }),
  reply: z.object({
    ended: z.array(
      z.object({
        sessionId: SessionId,
        why: z.enum(['terminated', 'revoked']),
        /** For the user, in a few words. */
        text: z.string(),
      }),
    ),
  }),
  errors: [],
});

/** Ends a session, and may keep its user out for a while. A session that is not open ends nothing, and keeps nobody out. */
export const TerminateSessionV1 = defineRequest({
  subject: 'asset.session.terminate.v1',
  callers: ['api'],
  timeoutMs: 5_000,
  roles: ['auditor', 'bastion-admin'],
  request: z.strictObject({
    actor: Actor,
    sessionId: SessionId,
    /** Shown to the user. */
    reason: z.string().trim().min(1).max(200),
    /** How long the user may open no session, from its end on. */
    keepOutSeconds: z.int().min(1).max(2_592_000).optional(),
  }),
  reply: z.object({ sessionId: SessionId, requestedAt: Instant }),
  errors: ['audit.unavailable'],
});
