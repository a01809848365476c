import { z } from 'zod';
import { defineEvent } from '../define.js';
import { AccountId, HostId, TicketId, UserId } from '../ids.js';
import { pub, sensitive } from './field.js';

const byAsset = { sources: ['asset'], guarantee: 'enforced' } as const;
const factor = { actorId: pub(UserId), userId: pub(UserId), kind: pub(z.literal('totp')) };

export const UserFactorAccepted = defineEvent({
  ...byAsset,
  name: 'user.factor-accepted',
  description: 'The first of two factors was right on an SSH connection; nobody is authenticated yet.',
  data: z.object({
    userId: pub(UserId),
    username: sensitive(z.string()),
    clientAddress: sensitive(z.string()),
    method: pub(z.enum(['password', 'publickey'])),
    fingerprint: pub(z.string()).optional(),
    connection: pub(z.string()),
  }),
});
export const FactorEnrolmentStarted = defineEvent({
  ...byAsset,
  name: 'factor.enrolment-started',
  description: 'Somebody was shown a new secret for one-time codes. It does not count yet.',
  data: z.object(factor),
});
export const FactorAdded = defineEvent({
  ...byAsset,
  name: 'factor.added',
  description: 'From now on, logons and sign-ins of a user ask for a second factor.',
  data: z.object(factor),
});
export const FactorRemoved = defineEvent({
  ...byAsset,
  name: 'factor.removed',
  description: 'A second factor of a user is asked for no longer; `actorId` says whether it was the user.',
  data: z.object(factor),
});
export const FactorRefused = defineEvent({
  ...byAsset,
  name: 'factor.refused',
  description: 'A one-time code was wrong, used before, or one too many, when a person confirmed or removed a factor.',
  data: z.object({ ...factor, reason: pub(z.enum(['wrong-code', 'replayed', 'rate-limited', 'malformed'])) }),
});

const ticket = { actorId: pub(UserId), ticketId: pub(TicketId), userId: pub(UserId) };
export const TicketCreated = defineEvent({
  ...byAsset,
  name: 'ticket.created',
  description: 'A ticket was made: whoever has it logs on as this user, without password and code.',
  data: z.object({
    ...ticket,
    hostId: pub(HostId).optional(),
    accountId: pub(AccountId).optional(),
    uses: pub(z.int()),
    expiresAt: pub(z.string()),
  }),
});
export const TicketRevoked = defineEvent({
  ...byAsset,
  name: 'ticket.revoked',
  description: 'An administrator made a ticket good for nothing.',
  data: z.object({ ...ticket, usesLeft: pub(z.int()) }),
});

export const ConnectionRefused = defineEvent({
  name: 'connection.refused',
  sources: ['session'],
  guarantee: 'best-effort',
  description:
    'A connection was refused before anybody was authenticated: too many of its address or in all, too slow, not from a proxy as it should be, or the process is overloaded or ends. Told once a minute for each address and reason.',
  data: z.object({
    clientAddress: sensitive(z.string()),
    reason: pub(
      z.enum([
        'too-many-unauthenticated',
        'too-many-of-address',
        'too-many-failures',
        'too-slow',
        'bad-proxy-header',
        'too-many-sessions',
        'too-little-memory',
        'too-busy',
        'draining',
      ]),
    ),
  }),
});
