import { z } from 'zod';
import { defineRequest } from '../define.js';
import { AccountId, HostId } from '../ids.js';
import { EcsInstance, Scan, SecretStanding } from '../cloud-resources.js';
import { Host, HostAccount, ItemCode } from '../resources.js';
import { Actor, HostKeyMode, PageRequest, Port, pageOf } from '../values.js';

const admin = { callers: ['api'], timeoutMs: 5_000, roles: ['bastion-admin'] } as const;
/** For what asks the cloud behind the scenes. */
const slow = { ...admin, timeoutMs: 20_000 } as const;
export const RegionId = z.string().regex(/^[a-z]{2,3}(-[a-z0-9]{1,20}){1,4}$/);
export const InstanceId = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/);
/** ≤192 characters of letters, digits and `_/+=.@-` (KMS, CreateSecret). */
export const SecretName = z.string().min(1).max(192);

/** The ECS instances of a region, to be imported or to get a secret, one page of the cloud's answer. */
export const ListInstancesV1 = defineRequest({
  ...slow,
  roles: ['bastion-admin', 'secret-admin'],
  subject: 'asset.instance.list.v1',
  request: PageRequest.extend({ actor: Actor, regionId: RegionId }),
  reply: pageOf(EcsInstance),
  errors: ['ecs.failed', 'request.invalid'],
});

/** Idempotent: an instance that is imported already is brought up to date, and nothing is ever removed. */
export const ImportHostsV1 = defineRequest({
  ...slow,
  subject: 'asset.host.import.v1',
  request: z.strictObject({ actor: Actor, regionId: RegionId, instanceIds: z.array(InstanceId).min(1).max(100) }),
  reply: z.object({
    results: z.array(z.object({ instanceId: z.string(), code: ItemCode, hostId: HostId.optional() })),
  }),
  errors: ['ecs.failed', 'audit.unavailable'],
});

export const ListHostsV1 = defineRequest({
  ...admin,
  subject: 'asset.host.list.v1',
  request: PageRequest.extend({ actor: Actor }),
  reply: pageOf(Host),
  errors: [],
});

export const GetHostV1 = defineRequest({
  ...admin,
  subject: 'asset.host.get.v1',
  request: z.strictObject({ actor: Actor, hostId: HostId }),
  reply: Host,
  errors: ['host.not-found'],
});

/** Only what is given changes. A host's name is at most 128 characters, without spaces, `@`, `+`, `:` and `/`. */
export const UpdateHostV1 = defineRequest({
  ...admin,
  subject: 'asset.host.update.v1',
  request: z.strictObject({
    actor: Actor,
    hostId: HostId,
    name: z
      .string()
      .regex(/^[^\s@+:/]{1,128}$/)
      .optional(),
    address: z.string().min(1).max(253).optional(),
    port: Port.optional(),
    hostKeyMode: HostKeyMode.optional(),
  }),
  reply: Host,
  errors: ['host.not-found', 'host.exists', 'audit.unavailable'],
});

export const DeleteHostV1 = defineRequest({
  ...admin,
  subject: 'asset.host.delete.v1',
  request: z.strictObject({ actor: Actor, hostId: HostId }),
  reply: z.object({}),
  errors: ['host.not-found', 'audit.unavailable'],
});

/**
 * ECS secrets in KMS that belong to this host's instance and are not accounts of it yet. While `scan` is there, the secrets of the
 * region are still looked at for the first time: ask again.
 */
export const ListImportableSecretsV1 = defineRequest({
  ...slow,
  subject: 'asset.secret.list-importable.v1',
  request: z.strictObject({ actor: Actor, hostId: HostId, keyword: z.string().max(192).optional() }),
  reply: z.object({
    items: z.array(
      z.object({
        secretName: z.string(),
        secretType: z.literal('ECS'),
        kind: z.enum(['password', 'ssh-key']),
        tags: z.array(z.object({ key: z.string(), value: z.string() })),
        secret: SecretStanding.optional(),
      }),
    ),
    scan: Scan.optional(),
  }),
  errors: ['host.not-found', 'kms.unreachable', 'kms.throttled', 'kms.denied', 'kms.failed'],
});

/** Makes accounts of the host from secrets that belong to its instance; answers for each. Idempotent. */
export const ImportSecretsV1 = defineRequest({
  ...slow,
  subject: 'asset.secret.import.v1',
  request: z.strictObject({ actor: Actor, hostId: HostId, secretNames: z.array(SecretName).min(1).max(100) }),
  reply: z.object({
    results: z.array(
      z.object({
        secretName: z.string(),
        code: ItemCode,
        message: z.string().optional().describe('Why it could not be imported.'),
        accountId: AccountId.optional(),
      }),
    ),
  }),
  errors: ['host.not-found', 'kms.unreachable', 'kms.throttled', 'kms.denied', 'kms.failed', 'audit.unavailable'],
});

export const ListAccountsV1 = defineRequest({
  ...admin,
  subject: 'asset.account.list.v1',
  request: z.strictObject({ actor: Actor, hostId: HostId }),
  reply: z.object({ items: z.array(HostAccount) }),
  errors: ['host.not-found'],
});

export const DeleteAccountV1 = defineRequest({
  ...admin,
  subject: 'asset.account.delete.v1',
  request: z.strictObject({ actor: Actor, hostId: HostId, accountId: AccountId }),
  reply: z.object({}),
  errors: ['host.not-found', 'account.not-found', 'audit.unavailable'],
});
