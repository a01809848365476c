import { z } from 'zod';
import { defineRequest } from '../define.js';
import { HostId } from '../ids.js';
import { HostKey, HostKeyCandidate, ItemCode } from '../resources.js';
import { Actor, Fingerprint, PageRequest, pageOf } from '../values.js';

const admin = { callers: ['api'], timeoutMs: 5_000, roles: ['bastion-admin'] } as const;
/** OpenSSH one-line form. */
const PublicKeys = z.array(z.string().min(20).max(16_384)).max(20);

export const ListHostKeysV1 = defineRequest({
  ...admin,
  subject: 'asset.host-key.list.v1',
  request: z.strictObject({ actor: Actor, hostId: HostId }),
  reply: z.object({ items: z.array(HostKey) }),
  errors: ['host.not-found'],
});

/** Replaces all pinned keys of the host, and forgets its candidates; an empty list means that the next logon starts anew. */
export const ReplaceHostKeysV1 = defineRequest({
  ...admin,
  subject: 'asset.host-key.replace.v1',
  request: z.strictObject({ actor: Actor, hostId: HostId, publicKeys: PublicKeys }),
  reply: z.object({ items: z.array(HostKey) }),
  errors: ['host.not-found', 'request.invalid', 'audit.unavailable'],
});

/** As ReplaceHostKeysV1 for each of many hosts, one after the other; answers for each. */
export const ReplaceManyHostKeysV1 = defineRequest({
  ...admin,
  timeoutMs: 20_000,
  subject: 'asset.host-key.replace-many.v1',
  request: z.strictObject({
    actor: Actor,
    items: z
      .array(z.strictObject({ hostId: HostId, publicKeys: PublicKeys }))
      .min(1)
      .max(100),
  }),
  reply: z.object({
    results: z.array(z.object({ hostId: HostId, code: ItemCode, items: z.array(HostKey).optional() })),
  }),
  errors: [],
});

/** Keys that hosts showed and that await approval; of all hosts, or of one. */
export const ListHostKeyCandidatesV1 = defineRequest({
  ...admin,
  subject: 'asset.host-key.list-candidates.v1',
  request: PageRequest.extend({ actor: Actor, hostId: HostId.optional() }),
  reply: pageOf(HostKeyCandidate),
  errors: ['request.invalid'],
});

/** Candidates become pinned keys of the host. All of them or none. */
export const ApproveHostKeysV1 = defineRequest({
  ...admin,
  subject: 'asset.host-key.approve.v1',
  request: z.strictObject({ actor: Actor, hostId: HostId, fingerprints: z.array(Fingerprint).min(1).max(20) }),
  reply: z.object({ items: z.array(HostKey) }),
  errors: ['host.not-found', 'host-key.not-found', 'audit.unavailable'],
});
