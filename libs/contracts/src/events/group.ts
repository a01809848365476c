import { z } from 'zod';
import { defineEvent } from '../define.js';
import { AuthorizationId, GroupId, UserId } from '../ids.js';
import { Group } from '../resources.js';
import { pub, sensitive } from './field.js';

const byAsset = { sources: ['asset'], guarantee: 'enforced' } as const;
const actor = { actorId: pub(UserId) };

/** What happens to groups of users and to groups of hosts. */
function groupEvents(noun: 'user-group' | 'host-group') {
  const member = z.object({
    ...actor,
    groupId: pub(GroupId),
    groupName: sensitive(z.string()),
    memberId: pub(z.uuid()),
  });
  const [of, one] = noun === 'user-group' ? ['users', 'A user'] : ['hosts', 'A host'];
  return {
    created: defineEvent({
      ...byAsset,
      name: `${noun}.created`,
      description: `A group of ${of} was made.`,
      data: z.object({ ...actor, group: sensitive(Group) }),
    }),
    updated: defineEvent({
      ...byAsset,
      name: `${noun}.updated`,
      description: `Name or comment of a group of ${of} changed.`,
      data: z.object({ ...actor, before: sensitive(Group), after: sensitive(Group) }),
    }),
    deleted: defineEvent({
      ...byAsset,
      name: `${noun}.deleted`,
      description: `A group of ${of} was removed, with the authorizations that named it.`,
      data: z.object({
        ...actor,
        group: sensitive(Group),
        members: pub(z.int()),
        authorizationIds: pub(z.array(AuthorizationId)),
      }),
    }),
    memberAdded: defineEvent({
      ...byAsset,
      name: `${noun}.member-added`,
      description: `${one} is in a group from now on, with all that authorizations give to it.`,
      data: member,
    }),
    memberRemoved: defineEvent({
      ...byAsset,
      name: `${noun}.member-removed`,
      description: `${one} is in a group no longer; sessions that stood on it end.`,
      data: member,
    }),
  };
}
export type GroupEvents = ReturnType<typeof groupEvents>;

const users = groupEvents('user-group');
export const UserGroupCreated = users.created;
export const UserGroupUpdated = users.updated;
export const UserGroupDeleted = users.deleted;
export const UserGroupMemberAdded = users.memberAdded;
export const UserGroupMemberRemoved = users.memberRemoved;

const hosts = groupEvents('host-group');
export const HostGroupCreated = hosts.created;
export const HostGroupUpdated = hosts.updated;
export const HostGroupDeleted = hosts.deleted;
export const HostGroupMemberAdded = hosts.memberAdded;
export const HostGroupMemberRemoved = hosts.memberRemoved;
