import { z } from 'zod';
import { defineEvent } from '../define.js';
import { GrantId, HostId, SessionId, UserId } from '../ids.js';
import { pub, sensitive } from './field.js';

/** A key that a host showed in a logon. */
const shown = z.object({
  hostId: pub(HostId),
  hostName: sensitive(z.string()),
  keyType: pub(z.string()),
  fingerprint: pub(z.string()),
  sessionId: pub(SessionId),
  grantId: pub(GrantId),
  userId: pub(UserId),
});

export const HostKeyPinned = defineEvent({
  name: 'host-key.pinned',
  sources: ['asset'],
  guarantee: 'enforced',
  description: 'The first key that a host showed was pinned.',
  data: shown,
});

export const HostKeyProposed = defineEvent({
  name: 'host-key.proposed',
  sources: ['asset'],
  guarantee: 'enforced',
  description: 'A host without pinned keys showed a key; the logon ended, and an administrator may approve the key.',
  data: shown,
});

export const HostKeysApproved = defineEvent({
  name: 'host-key.approved',
  sources: ['asset'],
  guarantee: 'enforced',
  description: 'An administrator approved keys that a host had shown.',
  data: z.object({
    actorId: pub(UserId),
    hostId: pub(HostId),
    before: pub(z.array(z.string())),
    after: pub(z.array(z.string())),
  }),
});

export const HostKeyRefused = defineEvent({
  name: 'host-key.refused',
  sources: ['asset'],
  guarantee: 'enforced',
  description: 'A host showed a key that is not pinned for it: the logon ended before any credential moved.',
  data: z.object({
    hostId: pub(HostId),
    hostName: sensitive(z.string()),
    keyType: pub(z.string()),
    seen: pub(z.string()),
    pinned: pub(z.array(z.string())),
    sessionId: pub(SessionId),
    userId: pub(UserId),
  }),
});

export const HostKeysReplaced = defineEvent({
  name: 'host-key.replaced',
  sources: ['asset'],
  guarantee: 'enforced',
  description: 'An administrator replaced the pinned keys of a host; an empty list lets the next logon pin anew.',
  data: z.object({
    actorId: pub(UserId),
    hostId: pub(HostId),
    before: pub(z.array(z.string())),
    after: pub(z.array(z.string())),
  }),
});
