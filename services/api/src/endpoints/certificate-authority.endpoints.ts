import {
  AddCertificateAuthorityRoute,
  AddCertificateAuthorityV1,
  ListCertificateAuthoritiesRoute,
  ListCertificateAuthoritiesV1,
  ListCertificateRevocationsRoute,
  ListCertificateRevocationsV1,
  RemoveCertificateAuthorityRoute,
  RemoveCertificateAuthorityV1,
  RemoveCertificateRevocationRoute,
  RemoveCertificateRevocationV1,
  RevokeCertificateRoute,
  RevokeCertificateV1,
} from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import { forward, type Endpoint } from './endpoint.js';

export function certificateAuthorityEndpoints(bus: Bus): Endpoint[] {
  return [
    forward(bus, ListCertificateAuthoritiesRoute, ListCertificateAuthoritiesV1),
    forward(bus, AddCertificateAuthorityRoute, AddCertificateAuthorityV1),
    forward(bus, RemoveCertificateAuthorityRoute, RemoveCertificateAuthorityV1),
    forward(bus, ListCertificateRevocationsRoute, ListCertificateRevocationsV1),
    forward(bus, RevokeCertificateRoute, RevokeCertificateV1),
    forward(bus, RemoveCertificateRevocationRoute, RemoveCertificateRevocationV1),
  ];
}
