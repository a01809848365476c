import { Controller } from '@nestjs/common';
import type { IdentityClaims, ReplyOf, RequestOf } from '@sallyport/contracts';
import {
  ApproveHostKeysV1,
  ListHostKeyCandidatesV1,
  ListHostKeysV1,
  PinHostKeyV1,
  ReplaceHostKeysV1,
  ReplaceManyHostKeysV1,
  ReportHostKeyV1,
} from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { ApproveHostKeys } from './approve-host-keys.js';
import { ManageHostKeys } from './manage-host-keys.js';
import { PinHostKey } from './pin-host-key.js';
import { ReportHostKey } from './report-host-key.js';

@Controller()
export class HostKeyController {
  constructor(
    private readonly pinHostKey: PinHostKey,
    private readonly reportHostKey: ReportHostKey,
    private readonly manageHostKeys: ManageHostKeys,
    private readonly approveHostKeys: ApproveHostKeys,
  ) {}

  @Handles(PinHostKeyV1)
  pin(@Input(PinHostKeyV1) q: RequestOf<typeof PinHostKeyV1>): Promise<ReplyOf<typeof PinHostKeyV1>> {
    return this.pinHostKey.run(q.grant, Buffer.from(q.hostKey, 'base64'));
  }

  @Handles(ReportHostKeyV1)
  async report(@Input(ReportHostKeyV1) q: RequestOf<typeof ReportHostKeyV1>): Promise<ReplyOf<typeof ReportHostKeyV1>> {
    await this.reportHostKey.run(q.grant, Buffer.from(q.hostKey, 'base64'));
    return {};
  }

  @Handles(ListHostKeysV1)
  async list(@Input(ListHostKeysV1) q: RequestOf<typeof ListHostKeysV1>): Promise<ReplyOf<typeof ListHostKeysV1>> {
    return { items: await this.manageHostKeys.list(q.hostId) };
  }

  @Handles(ReplaceHostKeysV1)
  async replace(
    @Input(ReplaceHostKeysV1) q: RequestOf<typeof ReplaceHostKeysV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof ReplaceHostKeysV1>> {
    return { items: await this.manageHostKeys.replace(actor.userId, q.hostId, q.publicKeys) };
  }

  @Handles(ReplaceManyHostKeysV1)
  async replaceMany(
    @Input(ReplaceManyHostKeysV1) q: RequestOf<typeof ReplaceManyHostKeysV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof ReplaceManyHostKeysV1>> {
    return { results: await this.manageHostKeys.replaceMany(actor.userId, q.items) };
  }

  @Handles(ListHostKeyCandidatesV1)
  listCandidates(
    @Input(ListHostKeyCandidatesV1) q: RequestOf<typeof ListHostKeyCandidatesV1>,
  ): Promise<ReplyOf<typeof ListHostKeyCandidatesV1>> {
    return this.approveHostKeys.list(q, q.hostId);
  }

  @Handles(ApproveHostKeysV1)
  async approve(
    @Input(ApproveHostKeysV1) q: RequestOf<typeof ApproveHostKeysV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof ApproveHostKeysV1>> {
    return { items: await this.approveHostKeys.approve(actor.userId, q.hostId, q.fingerprints) };
  }
}
