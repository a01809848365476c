import { Controller } from '@nestjs/common';
import type { IdentityClaims, ReplyOf, RequestOf } from '@sallyport/contracts';
import {
  CreateAuthorizationV1,
  DeleteAuthorizationV1,
  ListAuthorizationsV1,
  UpdateAuthorizationV1,
} from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { ManageAuthorizations } from './manage-authorizations.js';

@Controller()
export class AuthorizationController {
  constructor(private readonly manageAuthorizations: ManageAuthorizations) {}

  @Handles(ListAuthorizationsV1)
  list(
    @Input(ListAuthorizationsV1) q: RequestOf<typeof ListAuthorizationsV1>,
  ): Promise<ReplyOf<typeof ListAuthorizationsV1>> {
    return this.manageAuthorizations.list(q, q);
  }

  @Handles(CreateAuthorizationV1)
  create(
    @Input(CreateAuthorizationV1) q: RequestOf<typeof CreateAuthorizationV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof CreateAuthorizationV1>> {
    return this.manageAuthorizations.create(actor.userId, q);
  }

  @Handles(UpdateAuthorizationV1)
  update(
    @Input(UpdateAuthorizationV1) q: RequestOf<typeof UpdateAuthorizationV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof UpdateAuthorizationV1>> {
    return this.manageAuthorizations.update(actor.userId, q.authorizationId, q);
  }

  @Handles(DeleteAuthorizationV1)
  async delete(
    @Input(DeleteAuthorizationV1) q: RequestOf<typeof DeleteAuthorizationV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof DeleteAuthorizationV1>> {
    await this.manageAuthorizations.delete(actor.userId, q.authorizationId);
    return {};
  }
}
