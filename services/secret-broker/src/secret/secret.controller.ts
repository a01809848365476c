import { Controller } from '@nestjs/common';
import {
  CreateSecretV1,
  DeleteSecretV1,
  DescribeSecretV1,
  GetSecretV1,
  ListEcsSecretsV1,
  ListSecretsV1,
  ListSecretVersionsV1,
  RestoreSecretV1,
  RotateSecretV1,
  SetRotationPolicyV1,
  ShowSecretStatesV1,
} from '@sallyport/contracts';
import type { IdentityClaims, ReplyOf, RequestOf } from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { Kms } from '../kms/kms.js';
import { ChangeSecret } from './change-secret.js';
import { CreateSecret } from './create-secret.js';
import { DefaultRegion } from './default-region.js';
import { FindSameAccount } from './find-same-account.js';
import { FindSecrets } from './find-secrets.js';
import { ShowSecretStates } from './show-secret-states.js';

@Controller()
export class SecretController {
  constructor(
    private readonly kms: Kms,
    private readonly findSecrets: FindSecrets,
    private readonly findSameAccount: FindSameAccount,
    private readonly showSecretStates: ShowSecretStates,
    private readonly createSecret: CreateSecret,
    private readonly changeSecret: ChangeSecret,
    private readonly defaultRegion: DefaultRegion,
  ) {}

  @Handles(DescribeSecretV1)
  describe(@Input(DescribeSecretV1) q: RequestOf<typeof DescribeSecretV1>): Promise<ReplyOf<typeof DescribeSecretV1>> {
    return this.findSecrets.describeWithUser(q);
  }

  @Handles(ListEcsSecretsV1)
  listEcs(@Input(ListEcsSecretsV1) q: RequestOf<typeof ListEcsSecretsV1>): Promise<ReplyOf<typeof ListEcsSecretsV1>> {
    return this.findSecrets.importable(q.regionId, q);
  }

  @Handles(ShowSecretStatesV1)
  showStates(
    @Input(ShowSecretStatesV1) q: RequestOf<typeof ShowSecretStatesV1>,
  ): Promise<ReplyOf<typeof ShowSecretStatesV1>> {
    return this.showSecretStates.run(q.regionId, q.names, q);
  }

  @Handles(ListSecretsV1)
  list(@Input(ListSecretsV1) q: RequestOf<typeof ListSecretsV1>): Promise<ReplyOf<typeof ListSecretsV1>> {
    return this.findSecrets.page(q.regionId ?? this.defaultRegion.id, q);
  }

  @Handles(GetSecretV1)
  async get(@Input(GetSecretV1) q: RequestOf<typeof GetSecretV1>): Promise<ReplyOf<typeof GetSecretV1>> {
    return this.findSameAccount.warn(await this.kms.describe(this.defaultRegion.addressOf(q)));
  }

  @Handles(ListSecretVersionsV1)
  async listVersions(
    @Input(ListSecretVersionsV1) q: RequestOf<typeof ListSecretVersionsV1>,
  ): Promise<ReplyOf<typeof ListSecretVersionsV1>> {
    return { items: await this.kms.listVersions(this.defaultRegion.addressOf(q), q) };
  }

  @Handles(CreateSecretV1)
  create(
    @Input(CreateSecretV1) q: RequestOf<typeof CreateSecretV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof CreateSecretV1>> {
    return this.createSecret.run(actor.userId, q);
  }

  @Handles(DeleteSecretV1)
  delete(
    @Input(DeleteSecretV1) q: RequestOf<typeof DeleteSecretV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof DeleteSecretV1>> {
    return this.changeSecret.delete(actor.userId, this.defaultRegion.addressOf(q), q);
  }

  @Handles(RestoreSecretV1)
  async restore(
    @Input(RestoreSecretV1) q: RequestOf<typeof RestoreSecretV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof RestoreSecretV1>> {
    const restored = await this.changeSecret.restore(actor.userId, this.defaultRegion.addressOf(q));
    const { name, warnings } = await this.findSameAccount.warn(restored, { changed: true });
    return { name, ...(warnings && { warnings }) };
  }

  @Handles(RotateSecretV1)
  rotate(
    @Input(RotateSecretV1) q: RequestOf<typeof RotateSecretV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof RotateSecretV1>> {
    return this.changeSecret.rotate(actor.userId, this.defaultRegion.addressOf(q), q.versionId);
  }

  @Handles(SetRotationPolicyV1)
  async setRotationPolicy(
    @Input(SetRotationPolicyV1) q: RequestOf<typeof SetRotationPolicyV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof SetRotationPolicyV1>> {
    const secret = await this.changeSecret.setRotation(actor.userId, this.defaultRegion.addressOf(q), q);
    return q.enabled ? this.findSameAccount.warn(secret) : secret;
  }
}
