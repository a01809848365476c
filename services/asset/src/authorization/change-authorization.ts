import type { Authorization, RequestOf, SessionLimits, UpdateAuthorizationV1 } from '@sallyport/contracts';
import { ProtocolPolicy } from '@sallyport/contracts';

export type AuthorizationChange = Pick<
  RequestOf<typeof UpdateAuthorizationV1>,
  'policy' | 'limits' | 'validFrom' | 'validUntil'
>;

/** What is left out stays as it is, each switch and each limit for itself; null takes a limit or an end away. */
export function changeAuthorization(authorization: Authorization, change: AuthorizationChange): Authorization {
  const { validFrom, validUntil, ...rest } = authorization;
  const from = after(validFrom, change.validFrom);
  const until = after(validUntil, change.validUntil);
  return {
    ...rest,
    ...(from === undefined ? {} : { validFrom: inUtc(from) }),
    ...(until === undefined ? {} : { validUntil: inUtc(until) }),
    policy: ProtocolPolicy.parse({
      ...authorization.policy,
      ...change.policy,
      files: { ...authorization.policy.files, ...change.policy?.files },
    }),
    limits: changeLimits(authorization.limits, change.limits ?? {}),
  };
}

export const inUtc = (instant: string): string => new Date(instant).toISOString();

function changeLimits(limits: SessionLimits, change: NonNullable<AuthorizationChange['limits']>): SessionLimits {
  const idleSeconds = after(limits.idleSeconds, change.idleSeconds);
  const durationSeconds = after(limits.durationSeconds, change.durationSeconds);
  return {
    ...(idleSeconds === undefined ? {} : { idleSeconds }),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
  };
}

function after<T>(before: T | undefined, change: T | null | undefined): T | undefined {
  return change === undefined ? before : (change ?? undefined);
}
