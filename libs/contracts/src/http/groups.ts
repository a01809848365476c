import { z } from 'zod';
import {
  AddHostGroupMemberV1,
  AddUserGroupMemberV1,
  CreateHostGroupV1,
  CreateUserGroupV1,
  DeleteHostGroupV1,
  DeleteUserGroupV1,
  ListHostGroupMembersV1,
  ListHostGroupsV1,
  ListUserGroupMembersV1,
  ListUserGroupsV1,
  RemoveHostGroupMemberV1,
  RemoveUserGroupMemberV1,
  UpdateHostGroupV1,
  UpdateUserGroupV1,
} from '../bus/groups.v1.js';
import { GroupId, HostId, UserId } from '../ids.js';
import { answeredBy, defineRoute } from './define-route.js';
import { PageQuery } from './query.js';

const GroupParams = z.strictObject({ groupId: GroupId });
const [userGroup, hostGroup] = ['/v1/user-groups/{groupId}', '/v1/host-groups/{groupId}'] as const;
const UserParams = GroupParams.extend({ memberId: UserId });
const HostParams = GroupParams.extend({ memberId: HostId });

export const ListUserGroupsRoute = defineRoute({
  ...answeredBy(ListUserGroupsV1),
  method: 'GET',
  path: '/v1/user-groups',
  summary: 'All groups of users, or those that one user is in.',
  query: PageQuery.extend({ memberId: UserId.optional() }),
  status: 200,
});
export const CreateUserGroupRoute = defineRoute({
  ...answeredBy(CreateUserGroupV1),
  method: 'POST',
  path: '/v1/user-groups',
  summary: 'Make a group of users, so that authorizations can name them as one.',
  body: CreateUserGroupV1.request.omit({ actor: true }),
  status: 201,
});
export const UpdateUserGroupRoute = defineRoute({
  ...answeredBy(UpdateUserGroupV1),
  method: 'PATCH',
  path: userGroup,
  summary: 'Change name or comment of a group of users; null takes the comment away.',
  params: GroupParams,
  body: UpdateUserGroupV1.request.omit({ actor: true, groupId: true }),
  status: 200,
});
export const DeleteUserGroupRoute = defineRoute({
  ...answeredBy(DeleteUserGroupV1),
  method: 'DELETE',
  path: userGroup,
  summary: 'Remove a group of users with the authorizations that name it; sessions that stood on them end.',
  params: GroupParams,
  status: 204,
});
export const ListUserGroupMembersRoute = defineRoute({
  ...answeredBy(ListUserGroupMembersV1),
  method: 'GET',
  path: `${userGroup}/members`,
  summary: 'The users in a group.',
  params: GroupParams,
  query: PageQuery,
  status: 200,
});
export const AddUserGroupMemberRoute = defineRoute({
  ...answeredBy(AddUserGroupMemberV1),
  method: 'PUT',
  path: `${userGroup}/members/{memberId}`,
  summary: 'Put a user into a group: what the group may, the user may from now on.',
  params: UserParams,
  status: 204,
});
export const RemoveUserGroupMemberRoute = defineRoute({
  ...answeredBy(RemoveUserGroupMemberV1),
  method: 'DELETE',
  path: `${userGroup}/members/{memberId}`,
  summary: 'Take a user out of a group; sessions that stood on it end.',
  params: UserParams,
  status: 204,
});

export const ListHostGroupsRoute = defineRoute({
  ...answeredBy(ListHostGroupsV1),
  method: 'GET',
  path: '/v1/host-groups',
  summary: 'All groups of hosts, or those that one host is in.',
  query: PageQuery.extend({ memberId: HostId.optional() }),
  status: 200,
});
export const CreateHostGroupRoute = defineRoute({
  ...answeredBy(CreateHostGroupV1),
  method: 'POST',
  path: '/v1/host-groups',
  summary: 'Make a group of hosts, so that authorizations can name them as one.',
  body: CreateHostGroupV1.request.omit({ actor: true }),
  status: 201,
});
export const UpdateHostGroupRoute = defineRoute({
  ...answeredBy(UpdateHostGroupV1),
  method: 'PATCH',
  path: hostGroup,
  summary: 'Change name or comment of a group of hosts; null takes the comment away.',
  params: GroupParams,
  body: UpdateHostGroupV1.request.omit({ actor: true, groupId: true }),
  status: 200,
});
export const DeleteHostGroupRoute = defineRoute({
  ...answeredBy(DeleteHostGroupV1),
  method: 'DELETE',
  path: hostGroup,
  summary: 'Remove a group of hosts with the authorizations that name it; sessions that stood on them end.',
  params: GroupParams,
  status: 204,
});
export const ListHostGroupMembersRoute = defineRoute({
  ...answeredBy(ListHostGroupMembersV1),
  method: 'GET',
  path: `${hostGroup}/members`,
  summary: 'The hosts in a group.',
  params: GroupParams,
  query: PageQuery,
  status: 200,
});
export const AddHostGroupMemberRoute = defineRoute({
  ...answeredBy(AddHostGroupMemberV1),
  method: 'PUT',
  path: `${hostGroup}/members/{memberId}`,
  summary: 'Put a host into a group: who may use the group, may use the host from now on.',
  params: HostParams,
  status: 204,
});
export const RemoveHostGroupMemberRoute = defineRoute({
  ...answeredBy(RemoveHostGroupMemberV1),
  method: 'DELETE',
  path: `${hostGroup}/members/{memberId}`,
  summary: 'Take a host out of a group; sessions that stood on it end.',
  params: HostParams,
  status: 204,
});
