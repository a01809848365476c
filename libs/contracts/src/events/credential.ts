import { z } from 'zod';
import { defineEvent } from '../define.js';
import { AccountId, GrantId, HostId, SessionId, UserId } from '../ids.js';
import { CredentialKind } from '../values.js';
import { pub, sensitive } from './field.js';

/** Carried by every use of a credential: after a leak, "which sessions used version v7?" is one query. */
const use = {
  grantId: pub(GrantId),
  sessionId: pub(SessionId),
  userId: pub(UserId),
  hostId: pub(HostId),
  accountId: pub(AccountId),
  secretName: sensitive(z.string()),
  secretVersionId: pub(z.string()),
  kmsRequestId: pub(z.string()),
};

export const CredentialPrepared = defineEvent({
  name: 'credential.prepared',
  sources: ['secret-broker'],
  guarantee: 'best-effort',
  description: 'The broker read the current version of a secret for a grant.',
  data: z.object({ ...use, kind: pub(CredentialKind) }),
});

export const CredentialReleased = defineEvent({
  name: 'credential.released',
  sources: ['secret-broker'],
  guarantee: 'enforced',
  description: 'A password was sealed to the session, or the public half of a key was named, for a verified host key.',
  data: z.object({
    ...use,
    kind: pub(CredentialKind),
    hostKeyFingerprint: pub(z.string()),
    /** 1 for the first, up to 3. */
    attempt: pub(z.int().min(1).max(3)),
    stage: pub(z.enum(['ACSCurrent', 'ACSPrevious'])),
  }),
});

export const CredentialSigned = defineEvent({
  name: 'credential.signed',
  sources: ['secret-broker'],
  guarantee: 'enforced',
  description: 'The broker signed one userauth request with the key of the secret.',
  data: z.object({ ...use, algorithm: pub(z.string()), publicKeyFingerprint: pub(z.string()) }),
});

export const CredentialRefused = defineEvent({
  name: 'credential.refused',
  sources: ['secret-broker'],
  guarantee: 'enforced',
  description: 'A request to the broker was outside of what its table permits, or the secret could not be used.',
  data: z.object({
    operation: pub(z.enum(['prepare', 'open', 'sign', 'refresh', 'release'])),
    /** An error code of ours, with what exactly was wrong. */
    code: pub(z.string()),
    reason: pub(z.string()),
    /** Known as far as the grant could be believed. */
    grantId: pub(GrantId).optional(),
    sessionId: pub(SessionId).optional(),
    userId: pub(UserId).optional(),
    hostId: pub(HostId).optional(),
    accountId: pub(AccountId).optional(),
    secretName: sensitive(z.string()).optional(),
    kmsCode: pub(z.string()).optional(),
    kmsRequestId: pub(z.string()).optional(),
  }),
});
