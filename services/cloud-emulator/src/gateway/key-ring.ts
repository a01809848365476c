import { randomBytes } from 'node:crypto';
import type { Caller } from '../ram/principal.js';
import { ApiError } from './api-error.js';

/** An access key of the simulated account, of a RAM user, or of a session of a role. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly active: boolean;
  readonly caller: Caller;
  /** Temporary credentials only. */
  readonly session?: { readonly securityToken: string; readonly expiresAt: Date };
}

/** The access keys that the emulator knows. */
export class KeyRing {
  readonly #keys = new Map<string, AccessKey>();

  /** @param ramKey looks for the key of a RAM user */
  constructor(
    keys: readonly AccessKey[],
    private readonly ramKey: (accessKeyId: string) => AccessKey | undefined = () => undefined,
  ) {
    for (const key of keys) this.#keys.set(key.accessKeyId, key);
  }

  /**
   * The key of this id, active and, when temporary, with its own token and not expired.
   * @throws ApiError `InvalidAccessKeyId.NotFound` unknown, or expired (as the cloud answers for an expired token)
   * @throws ApiError `InvalidAccessKeyId.Inactive`, `InvalidSecurityToken.…`
   */
  find(accessKeyId: string, securityToken: string | undefined, now: Date): AccessKey {
    const key = this.#keys.get(accessKeyId) ?? this.ramKey(accessKeyId);
    if (!key) throw notFound('unknown-access-key');
    if (key.session && key.session.expiresAt <= now) throw notFound('expired-token');
    if (!key.active) {
      throw new ApiError('InvalidAccessKeyId.Inactive', 'Specified access key is disabled.', {
        situation: 'inactive-access-key',
      });
    }
    if ((key.session?.securityToken ?? '') !== (securityToken ?? '')) {
      throw new ApiError(
        'InvalidSecurityToken.MismatchWithAccessKey',
        'Specified SecurityToken does not belong to the access key.',
        { situation: 'wrong-token' },
      );
    }
    return key;
  }

  /** Makes temporary credentials, as STS would. */
  issue(expiresAt: Date, caller: Caller): AccessKey & Required<Pick<AccessKey, 'session'>> {
    const key = {
      accessKeyId: `STS.${randomBytes(12).toString('hex')}`,
      accessKeySecret: randomBytes(24).toString('base64url'),
      active: true,
      caller,
      session: { securityToken: randomBytes(48).toString('base64'), expiresAt },
    };
    this.#keys.set(key.accessKeyId, key);
    return key;
  }
}

function notFound(situation: 'unknown-access-key' | 'expired-token'): ApiError {
  return new ApiError('InvalidAccessKeyId.NotFound', 'Specified access key is not found.', { situation });
}
