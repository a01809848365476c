import { randomUUID } from 'node:crypto';
import type { Authorization } from '@sallyport/contracts';
import { AuthorizationId, HostId, ProtocolPolicy, UpdateAuthorizationV1, UserId } from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import { changeAuthorization } from './change-authorization.js';

const before: Authorization = {
  id: AuthorizationId.parse(randomUUID()),
  userId: UserId.parse(randomUUID()),
  hostId: HostId.parse(randomUUID()),
  validUntil: '2030-01-01T00:00:00.000Z',
  policy: ProtocolPolicy.parse({ agent: true, sftp: false, files: { upload: false } }),
  limits: { idleSeconds: 60, durationSeconds: 3_600 },
};
const parse = (change: object) =>
  UpdateAuthorizationV1.request.parse({ actor: 'token', authorizationId: before.id, ...change });

describe('changeAuthorization', () => {
  it('leaves what is left out as it is, each switch and each limit for itself', () => {
    expect(changeAuthorization(before, parse({}))).toEqual(before);
    const change = parse({ policy: { sftp: true, files: { rename: false } }, limits: { idleSeconds: 90 } });
    expect(changeAuthorization(before, change)).toEqual({
      ...before,
      policy: { ...before.policy, sftp: true, files: { ...before.policy.files, rename: false } },
      limits: { idleSeconds: 90, durationSeconds: 3_600 },
    });
  });

  it('takes limits and ends away with null', () => {
    const after = changeAuthorization(before, parse({ validUntil: null, limits: { durationSeconds: null } }));
    expect(after).not.toHaveProperty('validUntil');
    expect(after.limits).toEqual({ idleSeconds: 60 });
  });

  it('refuses what is no switch, no limit, or no change of an authorization', () => {
    for (const change of [
      { policy: { telnet: true } },
      { policy: { agent: null } },
      { policy: { files: { chmod: true } } },
      { limits: { idleSeconds: 0 } },
      { userId: before.userId },
    ])
      expect(() => parse(change), JSON.stringify(change)).toThrow();
  });
});
