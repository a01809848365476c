import type { IdentityClaims, ReplyOf, RequestOf } from '@sallyport/contracts';
import { AddPublicKeyV1, ListPublicKeysV1, ProbePublicKeyV1, RemovePublicKeyV1 } from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { Controller } from '@nestjs/common';
import { ManagePublicKeys } from './manage-public-keys.js';
import { ProbePublicKey } from './probe-public-key.js';

@Controller()
export class PublicKeyController {
  constructor(
    private readonly probePublicKey: ProbePublicKey,
    private readonly managePublicKeys: ManagePublicKeys,
  ) {}

  @Handles(ProbePublicKeyV1)
  async probe(
    @Input(ProbePublicKeyV1) q: RequestOf<typeof ProbePublicKeyV1>,
  ): Promise<ReplyOf<typeof ProbePublicKeyV1>> {
    return { acceptable: await this.probePublicKey.run(q.username, Buffer.from(q.publicKey, 'base64')) };
  }

  @Handles(ListPublicKeysV1)
  async list(
    @Input(ListPublicKeysV1) q: RequestOf<typeof ListPublicKeysV1>,
  ): Promise<ReplyOf<typeof ListPublicKeysV1>> {
    return { items: await this.managePublicKeys.list(q.userId) };
  }

  @Handles(AddPublicKeyV1)
  add(
    @Input(AddPublicKeyV1) q: RequestOf<typeof AddPublicKeyV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof AddPublicKeyV1>> {
    return this.managePublicKeys.add(actor.userId, q.userId, q.publicKey);
  }

  @Handles(RemovePublicKeyV1)
  async remove(
    @Input(RemovePublicKeyV1) q: RequestOf<typeof RemovePublicKeyV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof RemovePublicKeyV1>> {
    await this.managePublicKeys.remove(actor.userId, q.userId, q.publicKeyId);
    return {};
  }
}
