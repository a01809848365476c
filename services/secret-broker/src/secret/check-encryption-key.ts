import type { KmsKey } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { KmsAdministration } from '../kms/kms-administration.js';

/** Whether a key can protect a secret: KMS takes only symmetric ones of the secret's own KMS instance. */
export class CheckEncryptionKey {
  constructor(private readonly administration: KmsAdministration) {}

  /**
   * @param kmsInstanceId where the secret is to be; undefined: where the key is
   * @throws DomainError `request.invalid` with the rule that the key breaks; `kms.*`
   */
  async run(regionId: string, keyId: string, kmsInstanceId: string | undefined): Promise<KmsKey> {
    const key = await this.administration.describeKey(regionId, keyId);
    if (!key.encryptsSecrets) {
      const is = `it is ${key.keySpec}, ${key.keyUsage}, ${key.state}`;
      throw new DomainError('request.invalid', `encryptionKeyId: a symmetric key for encryption, enabled; ${is}`);
    }
    if (kmsInstanceId !== undefined && key.kmsInstanceId !== kmsInstanceId) {
      const is = `it is in ${key.kmsInstanceId ?? 'none'}`;
      throw new DomainError('request.invalid', `encryptionKeyId: a key of the KMS instance ${kmsInstanceId}; ${is}`);
    }
    return key;
  }
}
