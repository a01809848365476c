import { Controller } from '@nestjs/common';
import type { IdentityClaims, ReplyOf, RequestOf } from '@sallyport/contracts';
import {
  AddHostGroupMemberV1,
  CreateHostGroupV1,
  DeleteHostGroupV1,
  ListHostGroupMembersV1,
  ListHostGroupsV1,
  RemoveHostGroupMemberV1,
  UpdateHostGroupV1,
} from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { ManageHostGroups } from './manage-groups.js';

@Controller()
export class HostGroupController {
  constructor(private readonly groups: ManageHostGroups) {}

  @Handles(ListHostGroupsV1)
  list(@Input(ListHostGroupsV1) q: RequestOf<typeof ListHostGroupsV1>): Promise<ReplyOf<typeof ListHostGroupsV1>> {
    return this.groups.list(q, q);
  }

  @Handles(CreateHostGroupV1)
  create(
    @Input(CreateHostGroupV1) q: RequestOf<typeof CreateHostGroupV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof CreateHostGroupV1>> {
    return this.groups.create(actor.userId, q);
  }

  @Handles(UpdateHostGroupV1)
  update(
    @Input(UpdateHostGroupV1) q: RequestOf<typeof UpdateHostGroupV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof UpdateHostGroupV1>> {
    return this.groups.update(actor.userId, q.groupId, q);
  }

  @Handles(DeleteHostGroupV1)
  async delete(
    @Input(DeleteHostGroupV1) q: RequestOf<typeof DeleteHostGroupV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof DeleteHostGroupV1>> {
    await this.groups.delete(actor.userId, q.groupId);
    return {};
  }

  @Handles(ListHostGroupMembersV1)
  members(
    @Input(ListHostGroupMembersV1) q: RequestOf<typeof ListHostGroupMembersV1>,
  ): Promise<ReplyOf<typeof ListHostGroupMembersV1>> {
    return this.groups.members(q.groupId, q);
  }

  @Handles(AddHostGroupMemberV1)
  async addMember(
    @Input(AddHostGroupMemberV1) q: RequestOf<typeof AddHostGroupMemberV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof AddHostGroupMemberV1>> {
    await this.groups.addMember(actor.userId, q.groupId, q.memberId);
    return {};
  }

  @Handles(RemoveHostGroupMemberV1)
  async removeMember(
    @Input(RemoveHostGroupMemberV1) q: RequestOf<typeof RemoveHostGroupMemberV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof RemoveHostGroupMemberV1>> {
    await this.groups.removeMember(actor.userId, q.groupId, q.memberId);
    return {};
  }
}
