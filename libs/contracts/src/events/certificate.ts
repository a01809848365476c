import { z } from 'zod';
import { defineEvent } from '../define.js';
import { UserId } from '../ids.js';
import { CertificateAuthority, CertificateRevocation } from '../resources.js';
import { pub, sensitive } from './field.js';

const byAsset = { sources: ['asset'], guarantee: 'enforced' } as const;
const actor = { actorId: pub(UserId) };

export const CertificateAuthorityAdded = defineEvent({
  ...byAsset,
  name: 'certificate-authority.added',
  description: 'An authority is trusted: it can make anybody who is a user log on.',
  data: z.object({ ...actor, after: sensitive(CertificateAuthority) }),
});
export const CertificateAuthorityRemoved = defineEvent({
  ...byAsset,
  name: 'certificate-authority.removed',
  description: 'An authority is trusted no longer: its certificates are good for nothing.',
  data: z.object({ ...actor, before: sensitive(CertificateAuthority) }),
});
/** `authority`: fingerprint of its key. */
const revocation = { ...actor, authority: pub(z.string()) };
export const CertificateRevoked = defineEvent({
  ...byAsset,
  name: 'certificate.revoked',
  description: 'Certificates of an authority were made good for nothing, by serial or by key id.',
  data: z.object({ ...revocation, after: sensitive(CertificateRevocation) }),
});
export const CertificateRestored = defineEvent({
  ...byAsset,
  name: 'certificate.restored',
  description: 'A revocation was taken back: what it named is as good as its authority and its dates again.',
  data: z.object({ ...revocation, before: sensitive(CertificateRevocation) }),
});
