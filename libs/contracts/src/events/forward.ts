import { z } from 'zod';
import { defineEvent } from '../define.js';
import { SessionId, UserId } from '../ids.js';
import { pub, sensitive } from './field.js';

const bySession = { sources: ['session'], guarantee: 'enforced' } as const;
const session = { sessionId: pub(SessionId), userId: pub(UserId) };

/** Of RFC 4254 sections 6.3 and 7, and OpenSSH's PROTOCOL. `direct-…` start at the client, all others at the target. */
const kind = pub(
  z.enum(['direct-tcpip', 'forwarded-tcpip', 'direct-streamlocal', 'forwarded-streamlocal', 'agent', 'x11']),
);
const forward = {
  ...session,
  /** Counted from 0 within the session, together with shells and commands. */
  channel: pub(z.int()),
  kind,
  /** `HOST:PORT` or the path of a socket: where the connection goes to; with `forwarded-…`, where it came in at the target. */
  destination: sensitive(z.string()).optional(),
  /** `ADDRESS:PORT` of who connected, as the side where that happened says. */
  origin: sensitive(z.string()).optional(),
};

export const ForwardOpened = defineEvent({
  ...bySession,
  name: 'forward.opened',
  description:
    'A connection is about to be relayed between client and target. The other side hears of it when this is stored.',
  data: z.object(forward),
});

export const ForwardClosed = defineEvent({
  name: 'forward.closed',
  sources: ['session'],
  guarantee: 'best-effort',
  description: 'A relayed connection ended, or the other side did not take it.',
  data: z.object({
    ...forward,
    bytesUp: pub(z.int()),
    bytesDown: pub(z.int()),
    /** Reason code of RFC 4254 section 5.1; only when the other side did not take it. */
    openFailure: pub(z.int()).optional(),
  }),
});

export const ForwardRefused = defineEvent({
  ...bySession,
  name: 'forward.refused',
  description: 'A connection was not relayed: policy does not permit its kind, or nobody asked for it.',
  data: z.object({
    ...forward,
    reason: pub(z.string()),
    /** Always 0: sums over all events of a session need no exception. */
    bytesUp: pub(z.int()).optional(),
    bytesDown: pub(z.int()).optional(),
  }),
});

const listener = {
  ...session,
  kind: pub(z.enum(['tcpip', 'streamlocal'])),
  /** `ADDRESS:PORT` or the path of a socket, as the client asked for it. */
  address: sensitive(z.string()),
};

export const ListenerRequested = defineEvent({
  ...bySession,
  name: 'listener.requested',
  description: 'The target is about to be asked to listen for connections to the client.',
  data: z.object(listener),
});

export const ListenerOpened = defineEvent({
  name: 'listener.opened',
  sources: ['session'],
  guarantee: 'best-effort',
  description: 'The target listens.',
  data: z.object({
    ...listener,
    /** The port that the target chose; only when it was asked to. */
    port: pub(z.int()).optional(),
  }),
});

export const ListenerClosed = defineEvent({
  name: 'listener.closed',
  sources: ['session'],
  guarantee: 'best-effort',
  description:
    'The target was asked to listen no longer, or did not listen in the first place. All end with their session.',
  data: z.object({ ...listener, reason: pub(z.enum(['cancelled', 'target-refused'])) }),
});

export const ListenerRefused = defineEvent({
  ...bySession,
  name: 'listener.refused',
  description: 'The target was not asked to listen: policy does not permit it.',
  data: z.object({ ...listener, reason: pub(z.string()) }),
});
