import { Controller } from '@nestjs/common';
import type { IdentityClaims, ReplyOf, RequestOf } from '@sallyport/contracts';
import {
  AddUserGroupMemberV1,
  CreateUserGroupV1,
  DeleteUserGroupV1,
  ListUserGroupMembersV1,
  ListUserGroupsV1,
  RemoveUserGroupMemberV1,
  UpdateUserGroupV1,
} from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { ManageUserGroups } from './manage-groups.js';

@Controller()
export class UserGroupController {
  constructor(private readonly groups: ManageUserGroups) {}

  @Handles(ListUserGroupsV1)
  list(@Input(ListUserGroupsV1) q: RequestOf<typeof ListUserGroupsV1>): Promise<ReplyOf<typeof ListUserGroupsV1>> {
    return this.groups.list(q, q);
  }

  @Handles(CreateUserGroupV1)
  create(
    @Input(CreateUserGroupV1) q: RequestOf<typeof CreateUserGroupV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof CreateUserGroupV1>> {
    return this.groups.create(actor.userId, q);
  }

  @Handles(UpdateUserGroupV1)
  update(
    @Input(UpdateUserGroupV1) q: RequestOf<typeof UpdateUserGroupV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof UpdateUserGroupV1>> {
    return this.groups.update(actor.userId, q.groupId, q);
  }

  @Handles(DeleteUserGroupV1)
  async delete(
    @Input(DeleteUserGroupV1) q: RequestOf<typeof DeleteUserGroupV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof DeleteUserGroupV1>> {
    await this.groups.delete(actor.userId, q.groupId);
    return {};
  }

  @Handles(ListUserGroupMembersV1)
  members(
    @Input(ListUserGroupMembersV1) q: RequestOf<typeof ListUserGroupMembersV1>,
  ): Promise<ReplyOf<typeof ListUserGroupMembersV1>> {
    return this.groups.members(q.groupId, q);
  }

  @Handles(AddUserGroupMemberV1)
  async addMember(
    @Input(AddUserGroupMemberV1) q: RequestOf<typeof AddUserGroupMemberV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof AddUserGroupMemberV1>> {
    await this.groups.addMember(actor.userId, q.groupId, q.memberId);
    return {};
  }

  @Handles(RemoveUserGroupMemberV1)
  async removeMember(
    @Input(RemoveUserGroupMemberV1) q: RequestOf<typeof RemoveUserGroupMemberV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof RemoveUserGroupMemberV1>> {
    await this.groups.removeMember(actor.userId, q.groupId, q.memberId);
    return {};
  }
}
