import { KmsAdministrationClient } from './kms-administration-client.js';
import type { Done, NewSecret } from './kms-administration.js';
import type { KmsCalls } from './kms-calls.js';
import { KmsError } from './kms-error.js';
import type { SecretAddress } from './kms.js';

/** Remembers what it made, so that all of it can be removed. */
export class TidyAdministration extends KmsAdministrationClient {
  readonly made: SecretAddress[] = [];

  /** @param encryptionKeyId of what it makes; without it, the cloud chooses */
  constructor(
    calls: KmsCalls,
    private readonly encryptionKeyId?: string,
  ) {
    super(calls);
  }

  override create(secret: NewSecret): Promise<Done> {
    this.made.push(secret);
    const { encryptionKeyId } = this;
    return super.create({ ...secret, ...(encryptionKeyId !== undefined && { encryptionKeyId }) });
  }

  /** Also what is in its deletion window. */
  async removeAll(): Promise<void> {
    const ignore = (...codes: string[]) => {
      return (error: unknown): undefined => {
        if (error instanceof KmsError && codes.includes(error.code)) return undefined;
        throw error;
      };
    };
    for (const address of this.made) {
      await this.restore(address).catch(ignore('secret.not-deleted', 'secret.not-found'));
      await this.delete(address, { force: true }).catch(ignore('secret.not-found'));
    }
  }
}
