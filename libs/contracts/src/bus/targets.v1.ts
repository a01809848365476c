import { z } from 'zod';
import { defineRequest } from '../define.js';
import { PageRequest, Port, Token, pageOf } from '../values.js';

/** An account of a host that somebody may log on to. */
export const Target = z.object({
  host: z.string(),
  instanceId: z.string(),
  address: z.string(),
  port: Port,
  /** `missing` once the cloud no longer names the instance; then a logon is refused. */
  status: z.enum(['active', 'missing']),
  account: z.string(),
});
export type Target = z.infer<typeof Target>;

/**
 * Where the person behind an identity may log on now, by name of host and account. Nobody can ask in another's name: the
 * identity says whose targets they are. Changes nothing.
 */
export const ListTargetsV1 = defineRequest({
  subject: 'asset.target.list.v1',
  callers: ['session', 'api'],
  timeoutMs: 5_000,
  request: PageRequest.extend({
    /** For `ssh` or for `rest`. */
    identity: Token,
    /** Words, all of which must be part of the name, account, address or instance id, letters' case aside. */
    search: z.string().max(128).optional(),
  }),
  reply: pageOf(Target),
  errors: ['access.unauthenticated', 'request.invalid', 'audit.unavailable'],
});
