import { KmsAdministrationClient } from './kms-administration-client.js';
import type { Done, NewSecret } from './kms-administration.js';
import type { KmsCalls } from './kms-calls.js';
import { KmsError } from './kms-error.js';
import type { SecretAddress } from './kms.js';

/** Remembers what it made, so that all of it can be removed. */
export class TidyAdministration extends KmsAdministrationClient {
  readonly made: SecretAddress[] = [];

  /** @param keys of what it makes; without them, the cloud chooses */
  constructor(
    calls: KmsCalls,
    private readonly keys: Pick<NewSecret, 'encryptionKeyId' | 'kmsInstanceId'> = {},
  ) {
    super(calls);
  }

  override create(secret: NewSecret): Promise<Done> {
    this.made.push(secret);
    return super.create({ ...secret, ...this.keys });
  }

  /** Also what is in its deletion window. @throws Error after all were tried, with the names of those that are left */
  async removeAll(secrets: readonly SecretAddress[] = this.made): Promise<void> {
    const left: string[] = [];
    for (const address of secrets)
      await this.#remove(address).catch((error: unknown) => left.push(`${address.name} (${String(error)})`));
    if (left.length > 0) throw new Error(`left in KMS, to be deleted by hand: ${left.join(', ')}`);
  }

  async #remove(address: SecretAddress): Promise<void> {
    const ignore = (...codes: string[]) => {
      return (error: unknown): undefined => {
        if (error instanceof KmsError && codes.includes(error.code)) return undefined;
        throw error;
      };
    };
    await this.restore(address).catch(ignore('secret.not-deleted', 'secret.not-found'));
    await this.delete(address, { force: true }).catch(ignore('secret.not-found'));
  }
}
