import { z } from 'zod';
import { defineEvent } from '../define.js';
import { AccountId, GrantId, HostId, SessionId, UserId } from '../ids.js';
import { pub, sensitive } from './field.js';

export const SessionOpened = defineEvent({
  name: 'session.opened',
  sources: ['session'],
  guarantee: 'enforced',
  description: 'The user is logged on at the target. Nothing is relayed before this is stored.',
  data: z.object({
    sessionId: pub(SessionId),
    userId: pub(UserId),
    username: sensitive(z.string()),
    clientAddress: sensitive(z.string()),
    hostId: pub(HostId),
    hostName: sensitive(z.string()),
    address: sensitive(z.string()),
    port: pub(z.int()),
    accountId: pub(AccountId),
    accountName: sensitive(z.string()),
    grantId: pub(GrantId),
    secretVersionId: pub(z.string()),
    hostKeyFingerprint: pub(z.string()),
    attempts: pub(z.int()),
    /** The session process, as it is pinged. */
    replica: pub(z.uuid()).optional(),
  }),
});

export const SessionClosed = defineEvent({
  name: 'session.closed',
  sources: ['session'],
  guarantee: 'best-effort',
  description:
    'The connection between user and target is over. While the stream is gone this waits in the session process, since nobody else would tell of it.',
  data: z.object({
    sessionId: pub(SessionId),
    userId: pub(UserId),
    reason: pub(
      z.enum([
        'client-left',
        'target-left',
        'idle-limit',
        'duration-limit',
        'drained',
        'terminated',
        'revoked',
        'audit-unavailable',
        'error',
      ]),
    ),
    durationMs: pub(z.int()),
    bytesUp: pub(z.int()),
    bytesDown: pub(z.int()),
  }),
});

export const SessionLost = defineEvent({
  name: 'session.lost',
  sources: ['audit'],
  guarantee: 'enforced',
  description:
    'The session process does not answer any more, and is taken for gone, and the session with it. Should `session.closed` follow all the same, that is how it ended.',
  data: z.object({ sessionId: pub(SessionId), userId: pub(UserId) }),
});

export const SessionRefused = defineEvent({
  name: 'session.refused',
  sources: ['session'],
  guarantee: 'best-effort',
  description: 'An authenticated user did not get to the target, and was told so in one line.',
  data: z.object({
    sessionId: pub(SessionId),
    userId: pub(UserId).optional(),
    username: sensitive(z.string()),
    clientAddress: sensitive(z.string()),
    target: sensitive(z.string()),
    /** An error code of ours. */
    code: pub(z.string()),
  }),
});

const channel = {
  sessionId: pub(SessionId),
  userId: pub(UserId),
  /** Counted from 0 within the session. */
  channel: pub(z.int()),
};

export const ChannelOpened = defineEvent({
  name: 'channel.opened',
  sources: ['session'],
  guarantee: 'enforced',
  description: 'A shell, command or subsystem is about to start at the target.',
  data: z.object({
    ...channel,
    /** `sftp`: the subsystem of this name. `scp`: a command that is plainly legacy scp. What both do to files has its own events. */
    kind: pub(z.enum(['shell', 'exec', 'subsystem', 'sftp', 'scp'])),
    /** The command or the name of the subsystem, with bytes that are not UTF-8 replaced. */
    command: sensitive(z.string()).optional(),
    terminal: pub(z.boolean()),
  }),
});

export const ChannelClosed = defineEvent({
  name: 'channel.closed',
  sources: ['session'],
  guarantee: 'best-effort',
  description: 'A channel ended, with what the target said of its end.',
  data: z.object({
    ...channel,
    exitStatus: pub(z.int()).optional(),
    exitSignal: pub(z.string()).optional(),
    bytesUp: pub(z.int()),
    bytesDown: pub(z.int()),
  }),
});

export const ChannelRefused = defineEvent({
  name: 'channel.refused',
  sources: ['session'],
  guarantee: 'enforced',
  description: 'A kind of channel or request was refused.',
  data: z.object({ ...channel, kind: pub(z.string()), reason: pub(z.string()) }),
});

export const SessionTerminated = defineEvent({
  name: 'session.terminated',
  sources: ['asset'],
  guarantee: 'enforced',
  description: 'Somebody ends a session; that it has ended is `session.closed`.',
  data: z.object({
    actorId: pub(UserId),
    sessionId: pub(SessionId),
    reason: sensitive(z.string()),
    /** How long its user is kept out, from its end on. */
    keepOutSeconds: pub(z.int()).optional(),
  }),
});
