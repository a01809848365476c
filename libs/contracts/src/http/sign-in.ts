import { z } from 'zod';
import { RevokeTokenV1, SignInV1 } from '../bus/sign-in.v1.js';
import { UserId } from '../ids.js';
import { Instant, OneTimeCode, Role } from '../values.js';
import { answeredBy, defineRoute } from './define-route.js';

export const SignInRoute = defineRoute({
  method: 'POST',
  path: '/v1/sign-in',
  summary: 'Exchange a user name and password, and a one-time code where the user has them, for a bearer token.',
  roles: 'public',
  body: z.strictObject({
    username: z.string().min(1).max(255),
    password: z.string().min(1).max(1_024),
    otp: OneTimeCode.optional(),
  }),
  reply: z.object({ token: z.string(), expiresAt: Instant }),
  status: 200,
  errors: SignInV1.errors,
});

export const SignOutRoute = defineRoute({
  ...answeredBy(RevokeTokenV1),
  method: 'DELETE',
  path: '/v1/sign-in',
  summary: 'Forget the bearer token that this call carries.',
  status: 204,
});

export const MeRoute = defineRoute({
  method: 'GET',
  path: '/v1/me',
  summary: 'Who the bearer token stands for.',
  roles: 'any',
  reply: z.object({ id: UserId, username: z.string(), roles: z.array(Role) }),
  status: 200,
  errors: [],
});
