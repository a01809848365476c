import { z } from 'zod';
import { defineRequest } from '../define.js';
import { UserId } from '../ids.js';
import { Factor } from '../resources.js';
import { Actor, Base64, Role, Sealed } from '../values.js';

const self = { callers: ['api'], timeoutMs: 5_000, roles: Role.options } as const;
const admin = { callers: ['api'], timeoutMs: 5_000, roles: ['bastion-admin'] } as const;
const factors = z.object({ items: z.array(Factor) });

/** The second factors of the person who asks. */
export const ListOwnFactorsV1 = defineRequest({
  ...self,
  subject: 'asset.factor.list-own.v1',
  request: z.strictObject({ actor: Actor }),
  reply: factors,
  errors: [],
});

/** Makes a new secret for one-time codes (RFC 6238); it counts once a code of it is shown. Asking again makes another. */
export const BeginTotpV1 = defineRequest({
  ...self,
  subject: 'asset.factor.begin-totp.v1',
  request: z.strictObject({
    actor: Actor,
    /** X25519 public key that api made for this call. */
    sealTo: Base64,
  }),
  /** The `otpauth://` URI, sealed to `sealTo`; associated data: the id of the person who asks. */
  reply: z.object({ uri: Sealed }),
  errors: ['factor.exists', 'audit.unavailable'],
});

/** The first code of a new secret. From now on, logons and sign-ins ask for one. Associated data: the id of the person who asks. */
export const ConfirmTotpV1 = defineRequest({
  ...self,
  subject: 'asset.factor.confirm-totp.v1',
  request: z.strictObject({ actor: Actor, code: Sealed }),
  reply: z.object({}),
  errors: ['factor.not-found', 'factor.exists', 'factor.wrong-code', 'sign-in.rate-limited', 'audit.unavailable'],
});

/** Whoever removes a factor has it: a code is asked for. Associated data: the id of the person who asks. */
export const RemoveOwnTotpV1 = defineRequest({
  ...self,
  subject: 'asset.factor.remove-own-totp.v1',
  request: z.strictObject({ actor: Actor, code: Sealed }),
  reply: z.object({}),
  errors: ['factor.not-found', 'factor.wrong-code', 'sign-in.rate-limited', 'audit.unavailable'],
});

export const ListFactorsV1 = defineRequest({
  ...admin,
  subject: 'asset.factor.list.v1',
  request: z.strictObject({ actor: Actor, userId: UserId }),
  reply: factors,
  errors: ['user.not-found'],
});

/** For a user whose device is lost. */
export const ResetTotpV1 = defineRequest({
  ...admin,
  subject: 'asset.factor.reset-totp.v1',
  request: z.strictObject({ actor: Actor, userId: UserId }),
  reply: z.object({}),
  errors: ['user.not-found', 'factor.not-found', 'audit.unavailable'],
});
