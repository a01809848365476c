import { z } from 'zod';
import { defineRequest } from '../define.js';
import { CertificateAuthorityId, CertificateRevocationId } from '../ids.js';
import { CertificateAuthority, CertificateRevocation, CertificateSerial } from '../resources.js';
import { Actor } from '../values.js';
import { PublicKeyLine } from './users.v1.js';

const admin = { callers: ['api'], timeoutMs: 5_000, roles: ['bastion-admin'] } as const;
const authority = z.strictObject({ actor: Actor, certificateAuthorityId: CertificateAuthorityId });

/** All of them: there are few. */
export const ListCertificateAuthoritiesV1 = defineRequest({
  ...admin,
  subject: 'asset.certificate-authority.list.v1',
  request: z.strictObject({ actor: Actor }),
  reply: z.object({ items: z.array(CertificateAuthority) }),
  errors: [],
});

/** From now on, whoever has a certificate of it with the name of a user as a principal may log on as this user. */
export const AddCertificateAuthorityV1 = defineRequest({
  ...admin,
  subject: 'asset.certificate-authority.add.v1',
  request: z.strictObject({ actor: Actor, name: z.string().trim().min(1).max(128), publicKey: PublicKeyLine }),
  reply: CertificateAuthority,
  errors: ['certificate-authority.exists', 'request.invalid', 'audit.unavailable'],
});

export const RemoveCertificateAuthorityV1 = defineRequest({
  ...admin,
  subject: 'asset.certificate-authority.remove.v1',
  request: authority,
  reply: z.object({}),
  errors: ['certificate-authority.not-found', 'audit.unavailable'],
});

/** Certificates of an authority that are good for nothing, before they expire. */
export const ListCertificateRevocationsV1 = defineRequest({
  ...admin,
  subject: 'asset.certificate-revocation.list.v1',
  request: authority,
  reply: z.object({ items: z.array(CertificateRevocation) }),
  errors: ['certificate-authority.not-found'],
});

/** By one of both; a second time changes nothing. Revocations outlive their authority, should it come back. */
export const RevokeCertificateV1 = defineRequest({
  ...admin,
  subject: 'asset.certificate-revocation.add.v1',
  request: authority.extend({
    serial: CertificateSerial.refine((serial) => serial !== '0', 'authorities that do not count give 0').optional(),
    keyId: z.string().min(1).max(1_024).optional(),
  }),
  reply: CertificateRevocation,
  errors: ['certificate-authority.not-found', 'request.invalid', 'audit.unavailable'],
});

export const RemoveCertificateRevocationV1 = defineRequest({
  ...admin,
  subject: 'asset.certificate-revocation.remove.v1',
  request: authority.extend({ revocationId: CertificateRevocationId }),
  reply: z.object({}),
  errors: ['certificate-authority.not-found', 'certificate-revocation.not-found', 'audit.unavailable'],
});
