import { randomUUID } from 'node:crypto';
import type {
  CreateUserGroupV1,
  Group,
  GroupEvents,
  GroupMember,
  ListUserGroupsV1,
  RequestOf,
  UpdateUserGroupV1,
  UserId,
} from '@sallyport/contracts';
import {
  GroupId,
  HostGroupCreated,
  HostGroupDeleted,
  HostGroupMemberAdded,
  HostGroupMemberRemoved,
  HostGroupUpdated,
  UserGroupCreated,
  UserGroupDeleted,
  UserGroupMemberAdded,
  UserGroupMemberRemoved,
  UserGroupUpdated,
} from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Page, PageOptions } from '../paging/page.js';
import { page } from '../paging/page.js';
import type { Transaction } from '../transaction/transaction.js';
import type { Groups, HostGroups, UserGroups } from './groups.js';

type GroupFields = Pick<RequestOf<typeof CreateUserGroupV1>, 'name' | 'comment'>;
type GroupChange = Pick<RequestOf<typeof UpdateUserGroupV1>, 'name' | 'comment'>;
type GroupFilter = { [K in keyof Pick<RequestOf<typeof ListUserGroupsV1>, 'memberId'>]: string | undefined };

/**
 * An administrator makes groups and says what is in them. An authorization that names a group is for whatever is in it at the moment
 * that is asked about, so a change holds for the next logon, and ends sessions that stood on what is gone.
 */
class ManageGroups {
  constructor(
    private readonly transaction: Transaction,
    private readonly groups: Groups,
    private readonly audit: AuditPublisher,
    private readonly events: GroupEvents,
  ) {}

  /** In the order of their names. @throws DomainError `request.invalid` the cursor is not one of ours */
  list(options: PageOptions, { memberId }: GroupFilter): Promise<Page<Group>> {
    return page(
      options,
      (name, limit) => this.groups.after(name, limit, memberId),
      ({ name }) => name,
    );
  }

  /** @throws DomainError `user-group.exists`, `host-group.exists`, `audit.unavailable` */
  async create(actorId: UserId, { name, comment }: GroupFields): Promise<Group> {
    const group: Group = { id: GroupId.parse(randomUUID()), name, ...(comment !== undefined && { comment }) };
    await this.transaction.run(async () => {
      await this.groups.add(group);
      await this.audit.publish(this.events.created, { actorId, group });
    });
    return group;
  }

  /** @throws DomainError `….not-found`, `….exists`, `audit.unavailable` */
  async update(actorId: UserId, id: GroupId, change: GroupChange): Promise<Group> {
    return this.transaction.run(async () => {
      const before = await this.groups.require(id, true);
      const comment = change.comment === undefined ? before.comment : change.comment;
      const after: Group = { id, name: change.name ?? before.name, ...(comment != null && { comment }) };
      await this.groups.save(after);
      await this.audit.publish(this.events.updated, { actorId, before, after });
      return after;
    });
  }

  /** With the authorizations that name it. @throws DomainError `….not-found`, `audit.unavailable` */
  async delete(actorId: UserId, id: GroupId): Promise<void> {
    await this.transaction.run(async () => {
      const group = await this.groups.require(id, true);
      const gone = await this.groups.remove(id);
      await this.audit.publish(this.events.deleted, { actorId, group, ...gone });
    });
  }

  /** In the order of their names. @throws DomainError `….not-found`, `request.invalid` the cursor is not one of ours */
  async members(id: GroupId, options: PageOptions): Promise<Page<GroupMember>> {
    await this.groups.require(id);
    return page(
      options,
      (name, limit) => this.groups.membersAfter(id, name, limit),
      ({ name }) => name,
    );
  }

  /** What is in it already stays, and that is no event. @throws DomainError `….not-found`, `audit.unavailable` */
  async addMember(actorId: UserId, id: GroupId, memberId: string): Promise<void> {
    await this.transaction.run(async () => {
      const { name: groupName } = await this.groups.require(id, true);
      if (await this.groups.addMember(id, memberId))
        await this.audit.publish(this.events.memberAdded, { actorId, groupId: id, groupName, memberId });
    });
  }

  /** @throws DomainError `….not-found`, `audit.unavailable` */
  async removeMember(actorId: UserId, id: GroupId, memberId: string): Promise<void> {
    await this.transaction.run(async () => {
      const { name: groupName } = await this.groups.require(id, true);
      await this.groups.removeMember(id, memberId);
      await this.audit.publish(this.events.memberRemoved, { actorId, groupId: id, groupName, memberId });
    });
  }
}

export class ManageUserGroups extends ManageGroups {
  constructor(transaction: Transaction, groups: UserGroups, audit: AuditPublisher) {
    super(transaction, groups, audit, {
      created: UserGroupCreated,
      updated: UserGroupUpdated,
      deleted: UserGroupDeleted,
      memberAdded: UserGroupMemberAdded,
      memberRemoved: UserGroupMemberRemoved,
    });
  }
}

export class ManageHostGroups extends ManageGroups {
  constructor(transaction: Transaction, groups: HostGroups, audit: AuditPublisher) {
    super(transaction, groups, audit, {
      created: HostGroupCreated,
      updated: HostGroupUpdated,
      deleted: HostGroupDeleted,
      memberAdded: HostGroupMemberAdded,
      memberRemoved: HostGroupMemberRemoved,
    });
  }
}
