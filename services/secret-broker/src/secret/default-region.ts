import type { SecretAddress } from '../kms/kms.js';

/** The region that is meant when a request names none. */
export class DefaultRegion {
  constructor(readonly id: string) {}

  addressOf({ regionId, name }: { regionId?: string | undefined; name: string }): SecretAddress {
    return { regionId: regionId ?? this.id, name };
  }
}
