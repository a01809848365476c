import type { EventData, IdentityClaims } from '@sallyport/contracts';
import type { AccessDenied } from '@sallyport/contracts';
import type { PublicKeys } from '../public-key/public-keys.js';
import type { Users } from '../user/users.js';

/** Whether an identity still stands on what it was given for: it may be hours old. */
export class Standing {
  constructor(
    private readonly users: Users,
    private readonly keys: PublicKeys,
  ) {}

  /** @returns for auditors, why it does not; undefined when it stands */
  async flaw({
    userId,
    fingerprint,
  }: IdentityClaims): Promise<Extract<EventData<typeof AccessDenied>['reason'], 'locked' | 'key-removed'> | undefined> {
    const user = await this.users.byId(userId);
    if (user?.status !== 'active') return 'locked';
    if (fingerprint !== undefined && !(await this.keys.byFingerprint(userId, fingerprint))) return 'key-removed';
    return undefined;
  }
}
