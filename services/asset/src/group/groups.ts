import type { AuthorizationId, Group, GroupId, GroupMember } from '@sallyport/contracts';

/** Port: groups of one kind of thing, and what is in them. */
export abstract class Groups {
  /** @throws DomainError `user-group.exists`, `host-group.exists` a group has the name, letters' case aside */
  abstract add(group: Group): Promise<void>;
  /** @throws DomainError `user-group.exists`, `host-group.exists` another group has the name, letters' case aside */
  abstract save(group: Group): Promise<void>;
  /** @throws DomainError `user-group.not-found`, `host-group.not-found` */
  abstract require(id: GroupId, forUpdate?: boolean): Promise<Group>;
  /** At most `limit` with a greater name than `name`, in the order of the names' bytes; those that `memberId` is in, where it is given. */
  abstract after(name: string | undefined, limit: number, memberId?: string): Promise<Group[]>;
  /** With its memberships and authorizations. @returns how many members it had, and which authorizations */
  abstract remove(id: GroupId): Promise<{ members: number; authorizationIds: AuthorizationId[] }>;
  /** At most `limit` with a greater name than `name`, in the order of the names' bytes. */
  abstract membersAfter(id: GroupId, name: string | undefined, limit: number): Promise<GroupMember[]>;
  /** @returns whether it is new there. @throws DomainError `user.not-found`, `host.not-found` */
  abstract addMember(id: GroupId, memberId: string): Promise<boolean>;
  /** @throws DomainError `user.not-found`, `host.not-found` it is not in the group */
  abstract removeMember(id: GroupId, memberId: string): Promise<void>;
}

/** Groups of users. */
export abstract class UserGroups extends Groups {}
/** Groups of hosts. */
export abstract class HostGroups extends Groups {}
