import type { DescribeSecretV1, ListSecretsV1, ReplyOf, Secret as SecretDescription } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { parseSecretData, wipeCredential } from '../credential/secret-data.js';
import type { Kms, SecretAddress } from '../kms/kms.js';
import { SecretFactsIndex } from './secret-facts.js';

/** The largest page of KMS. */
const PAGE_SIZE = 100;
/** A bound on what is listed, far above the quota of a KMS instance. */
const PAGES_AT_MOST = 200;

/** What a secret must have to be found; all of it. */
export interface Search {
  /** A part of its name or description, whatever the case. */
  readonly keyword?: string | undefined;
  readonly instanceId?: string | undefined;
  readonly kmsInstanceId?: string | undefined;
  /** A key, or `key=value`. */
  readonly tag?: string | undefined;
}

/** Looks at secrets; no value is ever part of an answer. All throw `kms.*`, and `secret.not-found` where one is named. */
export class FindSecrets {
  readonly #facts: SecretFactsIndex;

  constructor(private readonly kms: Kms) {
    this.#facts = new SecretFactsIndex(kms);
  }

  /** One page, by name. KMS's own pages have no stated order and how its filters match is not documented, so both are ours. */
  async page(
    regionId: string,
    { limit, cursor, ...search }: { limit: number; cursor?: string | undefined } & Search,
  ): Promise<ReplyOf<typeof ListSecretsV1>> {
    const after = cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString('utf8');
    const listed = await this.#all(regionId);
    // What the list of KMS does not tell of a secret is asked for only when the search needs it.
    const all = needsFacts(search) ? await this.#facts.complete(listed) : listed;
    const found = all.filter((secret) => secret.name > after && matches(secret, search));
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    return { items, ...(last && { nextCursor: Buffer.from(last.name).toString('base64url') }) };
  }

  /** All that can be imported: ECS secrets that are not about to be deleted, with their instance and kind. */
  async importable(regionId: string, keyword: string | undefined): Promise<SecretDescription[]> {
    const all = (await this.#all(regionId)).filter((secret) => matches(secret, { keyword }));
    return this.#facts.complete(all.filter(({ plannedDeleteAt }) => plannedDeleteAt === undefined));
  }

  /**
   * A secret and the user name in its current value, which says which account it is for.
   * @throws DomainError `secret.malformed`, `secret.deleted`
   */
  async describeWithUser(address: SecretAddress): Promise<ReplyOf<typeof DescribeSecretV1>> {
    const secret = await this.kms.describe(address);
    if (!secret.kind)
      throw new DomainError('secret.malformed', 'the secret is not an ECS secret with a password or a key');
    const { data } = await this.kms.readValue(address, 'ACSCurrent');
    const credential = parseSecretData(data, secret.kind);
    wipeCredential(credential);
    return { ...secret, userName: credential.userName };
  }

  /** By name, each once: a list may change while its pages are read. */
  async #all(regionId: string): Promise<SecretDescription[]> {
    const byName = new Map<string, SecretDescription>();
    for (let number = 1; number <= PAGES_AT_MOST; number++) {
      const { items, totalCount } = await this.kms.list(regionId, { number, size: PAGE_SIZE });
      for (const item of items) byName.set(item.name, item);
      if (items.length === 0 || number * PAGE_SIZE >= totalCount) break;
    }
    return [...byName.values()]
      .filter(({ type }) => type.toUpperCase() === 'ECS')
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

function needsFacts({ instanceId, kmsInstanceId }: Search): boolean {
  return instanceId !== undefined || kmsInstanceId !== undefined;
}

function matches(secret: SecretDescription, { keyword = '', instanceId, kmsInstanceId, tag }: Search): boolean {
  const texts = [secret.name, secret.description ?? ''].map((text) => text.toLowerCase());
  return (
    texts.some((text) => text.includes(keyword.toLowerCase())) &&
    (instanceId === undefined || secret.instanceId === instanceId) &&
    (kmsInstanceId === undefined || secret.kmsInstanceId === kmsInstanceId) &&
    (tag === undefined || (secret.tags ?? []).some(({ key, value }) => tag === key || tag === `${key}=${value}`))
  );
}
