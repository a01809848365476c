import { Controller } from '@nestjs/common';
import {
  GetRotationV1,
  GetSecretPolicyV1,
  ListKmsInstancesV1,
  ListKmsKeysV1,
  ListKmsRegionsV1,
  SetSecretPolicyV1,
  SetSecretTagsV1,
  UpdateSecretV1,
} from '@sallyport/contracts';
import type { IdentityClaims, ReplyOf, RequestOf } from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { KmsAdministration } from '../kms/kms-administration.js';
import { DefaultRegion } from './default-region.js';
import { FollowRotation } from './follow-rotation.js';
import { ListKeys } from './list-keys.js';
import { asReply, SetSecretPolicy } from './set-secret-policy.js';
import { SetSecretTags } from './set-secret-tags.js';
import { UpdateSecret } from './update-secret.js';

@Controller()
export class SecretAdministrationController {
  constructor(
    private readonly administration: KmsAdministration,
    private readonly updateSecret: UpdateSecret,
    private readonly setSecretTags: SetSecretTags,
    private readonly setSecretPolicy: SetSecretPolicy,
    private readonly followRotation: FollowRotation,
    private readonly listKeys: ListKeys,
    private readonly defaultRegion: DefaultRegion,
  ) {}

  @Handles(UpdateSecretV1)
  update(
    @Input(UpdateSecretV1) q: RequestOf<typeof UpdateSecretV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof UpdateSecretV1>> {
    return this.updateSecret.run(actor.userId, this.defaultRegion.addressOf(q), q);
  }

  @Handles(SetSecretTagsV1)
  setTags(
    @Input(SetSecretTagsV1) q: RequestOf<typeof SetSecretTagsV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof SetSecretTagsV1>> {
    return this.setSecretTags.run(actor.userId, this.defaultRegion.addressOf(q), q.tags);
  }

  @Handles(GetRotationV1)
  getRotation(@Input(GetRotationV1) q: RequestOf<typeof GetRotationV1>): Promise<ReplyOf<typeof GetRotationV1>> {
    return this.followRotation.run(this.defaultRegion.addressOf(q), q.versionId);
  }

  @Handles(GetSecretPolicyV1)
  async getPolicy(
    @Input(GetSecretPolicyV1) q: RequestOf<typeof GetSecretPolicyV1>,
  ): Promise<ReplyOf<typeof GetSecretPolicyV1>> {
    return asReply(await this.administration.readPolicy(this.defaultRegion.addressOf(q)));
  }

  @Handles(SetSecretPolicyV1)
  setPolicy(
    @Input(SetSecretPolicyV1) q: RequestOf<typeof SetSecretPolicyV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof SetSecretPolicyV1>> {
    return this.setSecretPolicy.run(actor.userId, this.defaultRegion.addressOf(q), q);
  }

  @Handles(ListKmsInstancesV1)
  async listInstances(
    @Input(ListKmsInstancesV1) q: RequestOf<typeof ListKmsInstancesV1>,
  ): Promise<ReplyOf<typeof ListKmsInstancesV1>> {
    return { items: await this.administration.listInstances(q.regionId ?? this.defaultRegion.id) };
  }

  @Handles(ListKmsKeysV1)
  listKmsKeys(@Input(ListKmsKeysV1) q: RequestOf<typeof ListKmsKeysV1>): Promise<ReplyOf<typeof ListKmsKeysV1>> {
    return this.listKeys.run(q.regionId ?? this.defaultRegion.id, q);
  }

  @Handles(ListKmsRegionsV1)
  async listRegions(): Promise<ReplyOf<typeof ListKmsRegionsV1>> {
    const regions = await this.administration.listRegions(this.defaultRegion.id);
    return { items: regions.map((regionId) => ({ regionId })) };
  }
}
