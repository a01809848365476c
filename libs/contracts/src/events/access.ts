import { z } from 'zod';
import { defineEvent } from '../define.js';
import { AccountId, AuthorizationId, GrantId, HostId, SessionId, TicketId, UserId } from '../ids.js';
import { ProtocolPolicy, SessionLimits, SessionRestrictions } from '../policy.js';
import { CredentialKind, Role } from '../values.js';
import { pub, sensitive } from './field.js';

const who = { userId: pub(UserId), username: sensitive(z.string()), clientAddress: sensitive(z.string()) };
/** Why somebody who proved who they are is not let in all the same. */
const notAdmitted = ['locked', 'not-yet-valid', 'expired', 'out-of-hours', 'denied-address'] as const;

/** Why a certificate is good for nothing, for this user, from there and now. */
const certificateFlaws = [
  'unknown-authority',
  'bad-certificate',
  'host-certificate',
  'certificate-not-yet-valid',
  'certificate-expired',
  'certificate-revoked',
  'wrong-principal',
  'denied-source',
  'unknown-critical-option',
] as const;

export const UserAuthenticated = defineEvent({
  name: 'user.authenticated',
  sources: ['asset'],
  guarantee: 'enforced',
  description: 'A user proved who they are on an SSH connection.',
  data: z.object({
    ...who,
    method: pub(z.enum(['password', 'publickey', 'ticket'])),
    secondFactor: pub(z.literal('totp')).optional(),
    ticketId: pub(TicketId).optional(),
    /** Of the key that signed. */
    fingerprint: pub(z.string()).optional(),
    /** What says that this key is good for the user; `authority`: fingerprint of its key. */
    certificate: sensitive(z.object({ authority: z.string(), serial: z.string(), keyId: z.string() })).optional(),
    connection: pub(z.string()),
  }),
});

export const UserAuthenticationFailed = defineEvent({
  name: 'user.authentication-failed',
  sources: ['asset'],
  guarantee: 'enforced',
  description: 'Evidence on an SSH connection did not hold. The reason is for auditors; the user sees none.',
  data: z.object({
    username: sensitive(z.string()),
    clientAddress: sensitive(z.string()),
    method: pub(z.enum(['password', 'publickey', 'code'])),
    reason: pub(
      z.enum([
        'unknown-user',
        ...notAdmitted,
        'wrong-password',
        'unknown-key',
        'bad-signature',
        ...certificateFlaws,
        'wrong-code',
        'bad-ticket',
        'used-ticket',
        'expired-ticket',
        'replayed',
        'rate-limited',
        'malformed',
      ]),
    ),
    connection: pub(z.string()),
  }),
});

export const UserSignedIn = defineEvent({
  name: 'user.signed-in',
  sources: ['asset'],
  guarantee: 'enforced',
  description: 'A bearer token for the REST was issued.',
  data: z.object({ ...who, expiresAt: pub(z.string()) }),
});

export const UserSignInFailed = defineEvent({
  name: 'user.sign-in-failed',
  sources: ['asset'],
  guarantee: 'enforced',
  description: 'A sign-in at the REST was refused.',
  data: z.object({
    username: sensitive(z.string()),
    clientAddress: sensitive(z.string()),
    reason: pub(
      z.enum([
        'unknown-user',
        ...notAdmitted,
        'wrong-password',
        'code-missing',
        'wrong-code',
        'replayed',
        'rate-limited',
        'malformed',
      ]),
    ),
  }),
});

export const RequestRefused = defineEvent({
  name: 'request.refused',
  sources: ['asset', 'secret-broker', 'audit'],
  guarantee: 'enforced',
  description: 'Somebody asked, through the REST, for what none of their roles permits.',
  data: z.object({ ...who, roles: pub(z.array(Role)), operation: pub(z.string()), required: pub(z.array(Role)) }),
});

export const AccessGranted = defineEvent({
  name: 'access.granted',
  sources: ['asset'],
  guarantee: 'enforced',
  description: 'A grant was issued: this user may use this credential once, now.',
  data: z.object({
    ...who,
    sessionId: pub(SessionId),
    grantId: pub(GrantId),
    hostId: pub(HostId),
    hostName: sensitive(z.string()),
    accountId: pub(AccountId),
    accountName: sensitive(z.string()),
    kind: pub(CredentialKind),
    secretName: sensitive(z.string()),
    expiresAt: pub(z.string()),
    /** All that apply, and what comes of them together. */
    authorizationIds: pub(z.array(AuthorizationId)).optional(),
    policy: pub(ProtocolPolicy).optional(),
    limits: pub(SessionLimits).optional(),
    restrictions: sensitive(SessionRestrictions).optional(),
  }),
});

export const AccessDenied = defineEvent({
  name: 'access.denied',
  sources: ['asset'],
  guarantee: 'enforced',
  description: 'A target was refused. The user cannot tell absent from forbidden; this event can.',
  data: z.object({
    ...who,
    sessionId: pub(SessionId),
    target: sensitive(z.string()),
    reason: pub(
      z.enum([
        'absent',
        'forbidden',
        'not-yet-valid',
        'expired',
        'ambiguous',
        'host-missing',
        'locked',
        'key-removed',
        'certificate-expired',
        'certificate-revoked',
        'unknown-authority',
        'ticket-removed',
        'user-not-yet-valid',
        'user-expired',
        'out-of-hours',
        'kept-out',
        'denied-address',
        'ticket',
      ]),
    ),
    /** Present when the host exists. */
    hostId: pub(HostId).optional(),
  }),
});

export const TokenRefused = defineEvent({
  name: 'token.refused',
  sources: ['asset'],
  guarantee: 'enforced',
  description:
    'A service showed an identity or a grant that is forged, too old, or for another use: a fault, or an attack.',
  data: z.object({
    /** Subject of the request. */
    operation: pub(z.string()),
    /** An error code of ours, with what exactly was wrong. */
    code: pub(z.string()),
    reason: pub(z.string()),
    /** As the request named it; nothing of the token is believed. */
    sessionId: pub(SessionId).optional(),
  }),
});
