import { z } from 'zod';
import { defineRequest } from '../define.js';
import { GroupId, HostId, UserId } from '../ids.js';
import { Group, GroupMember } from '../resources.js';
import { Actor, PageRequest, pageOf } from '../values.js';

/** Groups of users and groups of hosts are asked for in the same way. */

const admin = { callers: ['api'], timeoutMs: 5_000, roles: ['bastion-admin'] } as const;
/** For people. What a terminal would obey or hide is in no name. */
const Name = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{C}\p{Z}](?:[^\p{C}]*[^\p{C}\p{Z}])?$/u, 'no control characters, and no space at either end');
const Comment = z.string().min(1).max(500);

function groupRequests<M extends typeof UserId | typeof HostId>(
  noun: 'user-group' | 'host-group',
  Member: M,
  memberNotFound: 'user.not-found' | 'host.not-found',
) {
  const subject = <V extends string>(verb: V) => `asset.${noun}.${verb}.v1` as const;
  const [notFound, exists] = [`${noun}.not-found`, `${noun}.exists`] as const;
  const one = z.strictObject({ actor: Actor, groupId: GroupId });
  const member = one.extend({ memberId: Member });
  return {
    /** In the order of the names. */
    list: defineRequest({
      ...admin,
      subject: subject('list'),
      request: PageRequest.extend({ actor: Actor, memberId: Member.optional() }),
      reply: pageOf(Group),
      errors: [],
    }),
    create: defineRequest({
      ...admin,
      subject: subject('create'),
      request: z.strictObject({ actor: Actor, name: Name, comment: Comment.optional() }),
      reply: Group,
      errors: [exists, 'audit.unavailable'],
    }),
    /** What is left out stays; null takes the comment away. */
    update: defineRequest({
      ...admin,
      subject: subject('update'),
      request: one.extend({ name: Name.optional(), comment: Comment.nullable().optional() }),
      reply: Group,
      errors: [notFound, exists, 'audit.unavailable'],
    }),
    /** With the authorizations that name it. */
    delete: defineRequest({
      ...admin,
      subject: subject('delete'),
      request: one,
      reply: z.object({}),
      errors: [notFound, 'audit.unavailable'],
    }),
    /** In the order of the members' names. */
    listMembers: defineRequest({
      ...admin,
      subject: subject('list-members'),
      request: PageRequest.extend({ actor: Actor, groupId: GroupId }),
      reply: pageOf(GroupMember),
      errors: [notFound],
    }),
    /** Who is in it already stays in it. */
    addMember: defineRequest({
      ...admin,
      subject: subject('add-member'),
      request: member,
      reply: z.object({}),
      errors: [notFound, memberNotFound, 'audit.unavailable'],
    }),
    removeMember: defineRequest({
      ...admin,
      subject: subject('remove-member'),
      request: member,
      reply: z.object({}),
      errors: [notFound, memberNotFound, 'audit.unavailable'],
    }),
  };
}

const users = groupRequests('user-group', UserId, 'user.not-found');
export const ListUserGroupsV1 = users.list;
export const CreateUserGroupV1 = users.create;
export const UpdateUserGroupV1 = users.update;
export const DeleteUserGroupV1 = users.delete;
export const ListUserGroupMembersV1 = users.listMembers;
export const AddUserGroupMemberV1 = users.addMember;
export const RemoveUserGroupMemberV1 = users.removeMember;

const hosts = groupRequests('host-group', HostId, 'host.not-found');
export const ListHostGroupsV1 = hosts.list;
export const CreateHostGroupV1 = hosts.create;
export const UpdateHostGroupV1 = hosts.update;
export const DeleteHostGroupV1 = hosts.delete;
export const ListHostGroupMembersV1 = hosts.listMembers;
export const AddHostGroupMemberV1 = hosts.addMember;
export const RemoveHostGroupMemberV1 = hosts.removeMember;
