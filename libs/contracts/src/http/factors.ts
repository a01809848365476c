import { z } from 'zod';
import {
  BeginTotpV1,
  ConfirmTotpV1,
  ListFactorsV1,
  ListOwnFactorsV1,
  RemoveOwnTotpV1,
  ResetTotpV1,
} from '../bus/factors.v1.js';
import { UserId } from '../ids.js';
import { OneTimeCode } from '../values.js';
import { answeredBy, defineRoute } from './define-route.js';

const UserParams = z.strictObject({ userId: UserId });
const code = z.strictObject({ code: OneTimeCode });

export const ListOwnFactorsRoute = defineRoute({
  ...answeredBy(ListOwnFactorsV1),
  method: 'GET',
  path: '/v1/me/factors',
  summary: 'The second factors that your logons ask for.',
  status: 200,
});

export const BeginTotpRoute = defineRoute({
  ...answeredBy(BeginTotpV1),
  method: 'POST',
  path: '/v1/me/factors/totp',
  summary: 'Make a secret for one-time codes. It is shown once, and counts when you have confirmed it with a code.',
  reply: z.object({
    /** For authenticator apps, mostly as a QR code. */
    uri: z.string(),
    /** The same secret in base32, to type by hand. */
    secret: z.string(),
  }),
  status: 201,
});

export const ConfirmTotpRoute = defineRoute({
  ...answeredBy(ConfirmTotpV1),
  method: 'POST',
  path: '/v1/me/factors/totp/confirm',
  summary: 'Show the first code: from now on, logons and sign-ins ask for one.',
  body: code,
  status: 204,
});

export const RemoveOwnTotpRoute = defineRoute({
  ...answeredBy(RemoveOwnTotpV1),
  method: 'POST',
  path: '/v1/me/factors/totp/remove',
  summary: 'No longer ask for one-time codes; it takes one more to do it.',
  body: code,
  status: 204,
});

export const ListFactorsRoute = defineRoute({
  ...answeredBy(ListFactorsV1),
  method: 'GET',
  path: '/v1/users/{userId}/factors',
  summary: 'The second factors of a user.',
  params: UserParams,
  status: 200,
});

export const ResetTotpRoute = defineRoute({
  ...answeredBy(ResetTotpV1),
  method: 'DELETE',
  path: '/v1/users/{userId}/factors/totp',
  summary: 'Take the one-time codes away from a user whose device is lost.',
  params: UserParams,
  status: 204,
});
