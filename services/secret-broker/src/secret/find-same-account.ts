import type { Secret as SecretDescription, SecretWarning } from '@sallyport/contracts';
import { parseSecretData, wipeCredential } from '../credential/secret-data.js';
import { DomainError } from '@sallyport/errors';
import type { Kms } from '../kms/kms.js';
import type { SecretIndex } from './secret-index.js';

/** Secrets of one instance that are looked into; an instance has a few accounts. */
const LOOKED_INTO = 20;

const notAllKnown: SecretWarning = {
  code: 'not-compared',
  message: 'the secrets of the region are still looked at for the first time: another may manage this account',
};

/**
 * Other secrets that manage the same account of an instance. KMS permits that, and they would rotate each other away.
 * Which account a secret is for stands in its value alone, so this reads the values of the instance's other secrets.
 */
export class FindSameAccount {
  constructor(
    private readonly kms: Kms,
    private readonly index: SecretIndex,
  ) {}

  /** Never fails: what could not be compared is a warning of its own. */
  async run(
    { regionId, name, instanceId }: { regionId: string; name: string; instanceId: string },
    userName: string,
  ): Promise<SecretWarning[]> {
    try {
      const { items, scan } = await this.index.all(regionId);
      const others = items.filter((other) => other.instanceId === instanceId && other.name !== name);
      const compared = await Promise.all(others.slice(0, LOOKED_INTO).map((other) => this.#compare(other, userName)));
      const found = compared.filter((warning) => warning !== undefined);
      return scan ? [...found, notAllKnown] : found;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const message = `whether another secret manages this account could not be found out (${error.code})`;
      return [{ code: 'not-compared', message }];
    }
  }

  async #compare(other: SecretDescription, userName: string): Promise<SecretWarning | undefined> {
    const { name: secretName, regionId, kind } = other;
    try {
      if (!kind) return undefined;
      const { data } = await this.kms.readValue({ regionId, name: secretName }, 'ACSCurrent');
      const credential = parseSecretData(data, kind);
      wipeCredential(credential);
      if (credential.userName !== userName) return undefined;
      const message = `${secretName} manages the same account of this instance: the two rotate each other away; delete one`;
      return { code: 'same-account', message, secretName };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const message = `${secretName} is for the same instance, and for which account could not be read (${error.code})`;
      return { code: 'same-instance-unread', message, secretName };
    }
  }
}
