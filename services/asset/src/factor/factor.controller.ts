import { Controller } from '@nestjs/common';
import type { IdentityClaims, ReplyOf, RequestOf } from '@sallyport/contracts';
import {
  BeginTotpV1,
  ConfirmTotpV1,
  ListFactorsV1,
  ListOwnFactorsV1,
  RemoveOwnTotpV1,
  ResetTotpV1,
} from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { ManageTotp } from './manage-totp.js';

@Controller()
export class FactorController {
  constructor(private readonly manageTotp: ManageTotp) {}

  @Handles(ListOwnFactorsV1)
  async listOwn(@ActorOf() { userId }: IdentityClaims): Promise<ReplyOf<typeof ListOwnFactorsV1>> {
    return { items: await this.manageTotp.list(userId) };
  }

  @Handles(BeginTotpV1)
  async begin(
    @Input(BeginTotpV1) q: RequestOf<typeof BeginTotpV1>,
    @ActorOf() { userId }: IdentityClaims,
  ): Promise<ReplyOf<typeof BeginTotpV1>> {
    return { uri: await this.manageTotp.begin(userId, q.sealTo) };
  }

  @Handles(ConfirmTotpV1)
  async confirm(
    @Input(ConfirmTotpV1) { code }: RequestOf<typeof ConfirmTotpV1>,
    @ActorOf() { userId, clientAddress }: IdentityClaims,
  ): Promise<ReplyOf<typeof ConfirmTotpV1>> {
    await this.manageTotp.confirm({ userId, clientAddress, code });
    return {};
  }

  @Handles(RemoveOwnTotpV1)
  async removeOwn(
    @Input(RemoveOwnTotpV1) { code }: RequestOf<typeof RemoveOwnTotpV1>,
    @ActorOf() { userId, clientAddress }: IdentityClaims,
  ): Promise<ReplyOf<typeof RemoveOwnTotpV1>> {
    await this.manageTotp.removeOwn({ userId, clientAddress, code });
    return {};
  }

  @Handles(ListFactorsV1)
  async list(@Input(ListFactorsV1) q: RequestOf<typeof ListFactorsV1>): Promise<ReplyOf<typeof ListFactorsV1>> {
    return { items: await this.manageTotp.list(q.userId) };
  }

  @Handles(ResetTotpV1)
  async reset(
    @Input(ResetTotpV1) q: RequestOf<typeof ResetTotpV1>,
    @ActorOf() { userId }: IdentityClaims,
  ): Promise<ReplyOf<typeof ResetTotpV1>> {
    await this.manageTotp.reset(userId, q.userId);
    return {};
  }
}
