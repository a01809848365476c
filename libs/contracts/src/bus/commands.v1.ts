import { z } from 'zod';
import { defineRequest } from '../define.js';
import { AccountId, HostId, SessionId, UserId } from '../ids.js';
import { Actor, Instant, PageRequest, pageOf } from '../values.js';

export const Command = z.object({
  sessionId: SessionId,
  /** Counted from 0 within the session. */
  channel: z.int().min(0),
  userId: UserId,
  at: Instant,
  command: z.string(),
  /**
   * `given`: the command that the client asked for, as it is. `screen`: what stood after a prompt on the emulated screen of a
   * terminal when its line was left: an aid, which errs and can be deceived.
   */
  source: z.enum(['given', 'screen']),
});
export type Command = z.infer<typeof Command>;

/** What was run, newest first; all filters must hold. An operator who is not an auditor sees only his own. */
export const ListCommandsV1 = defineRequest({
  subject: 'audit.command.list.v1',
  callers: ['api'],
  timeoutMs: 10_000,
  roles: ['auditor', 'operator'],
  request: PageRequest.extend({
    actor: Actor,
    /** Somewhere in the command, in either case. */
    text: z.string().min(3).max(256).optional(),
    sessionId: SessionId.optional(),
    userId: UserId.optional(),
    hostId: HostId.optional(),
    accountId: AccountId.optional(),
    /** Run from this time on. */
    since: Instant.optional(),
    /** Run before this time. */
    until: Instant.optional(),
  }),
  reply: pageOf(Command),
  errors: ['request.invalid'],
});
