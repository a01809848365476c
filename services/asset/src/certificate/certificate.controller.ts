import { Controller } from '@nestjs/common';
import type { IdentityClaims, ReplyOf, RequestOf } from '@sallyport/contracts';
import {
  AddCertificateAuthorityV1,
  ListCertificateAuthoritiesV1,
  ListCertificateRevocationsV1,
  RemoveCertificateAuthorityV1,
  RemoveCertificateRevocationV1,
  RevokeCertificateV1,
} from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { ManageAuthorities } from './manage-authorities.js';
import { ManageRevocations } from './manage-revocations.js';

@Controller()
export class CertificateController {
  constructor(
    private readonly authorities: ManageAuthorities,
    private readonly revocations: ManageRevocations,
  ) {}

  @Handles(ListCertificateAuthoritiesV1)
  async list(): Promise<ReplyOf<typeof ListCertificateAuthoritiesV1>> {
    return { items: await this.authorities.list() };
  }

  @Handles(AddCertificateAuthorityV1)
  add(
    @Input(AddCertificateAuthorityV1) q: RequestOf<typeof AddCertificateAuthorityV1>,
    @ActorOf() { userId }: IdentityClaims,
  ): Promise<ReplyOf<typeof AddCertificateAuthorityV1>> {
    return this.authorities.add(userId, q.name, q.publicKey);
  }

  @Handles(RemoveCertificateAuthorityV1)
  async remove(
    @Input(RemoveCertificateAuthorityV1) q: RequestOf<typeof RemoveCertificateAuthorityV1>,
    @ActorOf() { userId }: IdentityClaims,
  ): Promise<ReplyOf<typeof RemoveCertificateAuthorityV1>> {
    await this.authorities.remove(userId, q.certificateAuthorityId);
    return {};
  }

  @Handles(ListCertificateRevocationsV1)
  async listRevocations(
    @Input(ListCertificateRevocationsV1) q: RequestOf<typeof ListCertificateRevocationsV1>,
  ): Promise<ReplyOf<typeof ListCertificateRevocationsV1>> {
    return { items: await this.revocations.list(q.certificateAuthorityId) };
  }

  @Handles(RevokeCertificateV1)
  revoke(
    @Input(RevokeCertificateV1) q: RequestOf<typeof RevokeCertificateV1>,
    @ActorOf() { userId }: IdentityClaims,
  ): Promise<ReplyOf<typeof RevokeCertificateV1>> {
    return this.revocations.revoke(userId, q.certificateAuthorityId, q);
  }

  @Handles(RemoveCertificateRevocationV1)
  async restore(
    @Input(RemoveCertificateRevocationV1) q: RequestOf<typeof RemoveCertificateRevocationV1>,
    @ActorOf() { userId }: IdentityClaims,
  ): Promise<ReplyOf<typeof RemoveCertificateRevocationV1>> {
    await this.revocations.restore(userId, q.certificateAuthorityId, q.revocationId);
    return {};
  }
}
