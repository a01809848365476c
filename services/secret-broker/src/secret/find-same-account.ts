import type { CredentialKind, Secret as SecretDescription, SecretWarning } from '@sallyport/contracts';
import { userNameIn } from '../credential/secret-data.js';
import { DomainError } from '@sallyport/errors';
import type { Kms, SecretAddress } from '../kms/kms.js';
import type { Known, SecretIndex } from './secret-index.js';

/** Secrets of one instance that are looked into; an instance has a few accounts. */
const LOOKED_INTO = 20;

const notAllRead: SecretWarning = {
  code: 'not-compared',
  message: `the instance has more than ${LOOKED_INTO} other secrets: one of the rest may manage this account`,
};

const notAllDescribed: SecretWarning = {
  code: 'not-compared',
  message: 'KMS does not let Sallyport look at some secrets of the region: one of them may manage this account',
};

const notAllKnown: SecretWarning = {
  code: 'not-compared',
  message:
    'the secrets of the region are still being looked at: another may manage this account; look at this one later',
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

  /**
   * A secret as it was described, with its warnings. Reads its own value as well, and none at all where the instance has no other
   * secret. Never fails.
   * @param options.changed it was changed just now, perhaps while somebody else made another
   */
  async warn(secret: SecretDescription, { changed = false } = {}): Promise<SecretDescription> {
    const { regionId, name, instanceId, kind } = secret;
    if (instanceId === undefined || !kind || secret.plannedDeleteAt !== undefined) return secret;
    const warnings = await this.#orNotCompared(async () => {
      const known = await this.index.all(regionId, { anew: changed });
      return this.#among(known, { name, instanceId }, () => this.#userOf({ regionId, name }, kind));
    });
    return { ...secret, ...(warnings.length > 0 && { warnings }) };
  }

  /** Warnings of a secret that was made just now. Never fails: what could not be compared is a warning of its own. */
  run(
    { regionId, name, instanceId }: { regionId: string; name: string; instanceId: string },
    userName: string,
  ): Promise<SecretWarning[]> {
    return this.#orNotCompared(async () => {
      const known = await this.index.all(regionId, { anew: true });
      return this.#among(known, { name, instanceId }, () => Promise.resolve(userName));
    });
  }

  async #among(
    { items, scan, late }: Known,
    one: { name: string; instanceId: string },
    userNameOf: () => Promise<string>,
  ): Promise<SecretWarning[]> {
    const others = othersOf(items, one);
    const found: SecretWarning[] = [];
    if (others.length > 0) {
      const userName = await userNameOf();
      const compared = others.slice(0, LOOKED_INTO).map((other) => this.#compare(other, userName));
      found.push(...(await Promise.all(compared)).filter((warning) => warning !== undefined));
    }
    if (others.length > LOOKED_INTO) found.push(notAllRead);
    if (items.some(isUnknown)) found.push(notAllDescribed);
    if (scan ?? late) found.push(notAllKnown);
    return found;
  }

  async #orNotCompared(compare: () => Promise<SecretWarning[]>): Promise<SecretWarning[]> {
    try {
      return await compare();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const message = `whether another secret manages this account could not be found out (${error.code})`;
      return [{ code: 'not-compared', message }];
    }
  }

  async #compare(other: SecretDescription, userName: string): Promise<SecretWarning | undefined> {
    const { name: secretName, regionId, kind } = other;
    try {
      if (!kind) throw new DomainError('secret.malformed', 'neither a password nor a key');
      if ((await this.#userOf({ regionId, name: secretName }, kind)) !== userName) return undefined;
      const message = `${secretName} manages the same account of this instance: the two rotate each other away; delete one`;
      return { code: 'same-account', message, secretName };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const message = `${secretName} is for the same instance, and for which account could not be read (${error.code})`;
      return { code: 'same-instance-unread', message, secretName };
    }
  }

  async #userOf(address: SecretAddress, kind: CredentialKind): Promise<string> {
    const { data } = await this.kms.readValue(address, 'ACSCurrent');
    return userNameIn(data, kind);
  }
}

/** Those of the same instance that KMS rotates: not what is about to be deleted. */
function othersOf(
  items: readonly SecretDescription[],
  { name, instanceId }: { name: string; instanceId: string },
): SecretDescription[] {
  return items.filter(
    (other) => other.instanceId === instanceId && other.name !== name && other.plannedDeleteAt === undefined,
  );
}

/** Listed, and we may not describe it: to which instance it belongs is not known. */
const isUnknown = ({ instanceId, plannedDeleteAt }: SecretDescription): boolean =>
  instanceId === undefined && plannedDeleteAt === undefined;
