import { z } from 'zod';
import {
  AddCertificateAuthorityV1,
  ListCertificateAuthoritiesV1,
  ListCertificateRevocationsV1,
  RemoveCertificateAuthorityV1,
  RemoveCertificateRevocationV1,
  RevokeCertificateV1,
} from '../bus/certificate-authorities.v1.js';
import { CertificateAuthorityId, CertificateRevocationId } from '../ids.js';
import { answeredBy, defineRoute } from './define-route.js';

const all = '/v1/user-certificate-authorities';
const one = `${all}/{certificateAuthorityId}`;
const params = z.strictObject({ certificateAuthorityId: CertificateAuthorityId });

export const ListCertificateAuthoritiesRoute = defineRoute({
  ...answeredBy(ListCertificateAuthoritiesV1),
  method: 'GET',
  path: all,
  summary: 'Authorities whose certificates users may log on with.',
  status: 200,
});

export const AddCertificateAuthorityRoute = defineRoute({
  ...answeredBy(AddCertificateAuthorityV1),
  method: 'POST',
  path: all,
  summary: 'Trust an authority: its certificates open the users whose names they have as principals.',
  body: AddCertificateAuthorityV1.request.omit({ actor: true }),
  status: 201,
});

export const RemoveCertificateAuthorityRoute = defineRoute({
  ...answeredBy(RemoveCertificateAuthorityV1),
  method: 'DELETE',
  path: one,
  summary: 'Trust an authority no longer.',
  params,
  status: 204,
});

export const ListCertificateRevocationsRoute = defineRoute({
  ...answeredBy(ListCertificateRevocationsV1),
  method: 'GET',
  path: `${one}/revocations`,
  summary: 'Certificates of an authority that are good for nothing.',
  params,
  status: 200,
});

export const RevokeCertificateRoute = defineRoute({
  ...answeredBy(RevokeCertificateV1),
  method: 'POST',
  path: `${one}/revocations`,
  summary: 'Make certificates of an authority good for nothing, by serial or by key id.',
  params,
  body: RevokeCertificateV1.request.pick({ serial: true, keyId: true }),
  status: 201,
});

export const RemoveCertificateRevocationRoute = defineRoute({
  ...answeredBy(RemoveCertificateRevocationV1),
  method: 'DELETE',
  path: `${one}/revocations/{revocationId}`,
  summary: 'Take a revocation back.',
  params: params.extend({ revocationId: CertificateRevocationId }),
  status: 204,
});
