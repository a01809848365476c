import type {
  DescribeSecretV1,
  ListEcsSecretsV1,
  ListSecretsV1,
  ReplyOf,
  Secret as SecretDescription,
} from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { userNameIn } from '../credential/secret-data.js';
import type { Kms, SecretAddress } from '../kms/kms.js';
import { fitting } from './fitting.js';
import type { SecretIndex } from './secret-index.js';
import type { ShowSecretStates } from './show-secret-states.js';
import { standingOf } from './secret-standing.js';

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
  constructor(
    private readonly kms: Kms,
    private readonly index: SecretIndex,
    private readonly states: ShowSecretStates,
  ) {}

  /**
   * One page, by name, of at most `limit`. KMS's own pages have no stated order and how its filters match is not documented, so
   * both are ours.
   * @throws DomainError `request.invalid` a cursor that is none of ours
   */
  async page(
    regionId: string,
    { limit, cursor, ...search }: { limit: number; cursor?: string | undefined } & Search,
  ): Promise<ReplyOf<typeof ListSecretsV1>> {
    const after = cursor === undefined ? '' : nameIn(cursor);
    const { items: all, scan } = await this.index.all(regionId);
    const found = all.filter((secret) => secret.name > after && matches(secret, search));
    const items = fitting(found.slice(0, limit));
    const last = found.length > items.length ? items.at(-1) : undefined;
    const nextCursor = last && Buffer.from(last.name).toString('base64url');
    return { items, ...(nextCursor !== undefined && { nextCursor }), ...(scan && { scan }) };
  }

  /**
   * All that can be imported: ECS secrets that are not about to be deleted. Of one instance, with how each stands. Without what
   * people wrote about them: nobody who imports needs it, and all of it would not fit into one message.
   */
  async importable(
    regionId: string,
    { keyword, instanceId }: Pick<Search, 'keyword' | 'instanceId'>,
  ): Promise<ReplyOf<typeof ListEcsSecretsV1>> {
    const { items: all, scan } = await this.index.all(regionId);
    const found = all
      .filter((secret) => secret.plannedDeleteAt === undefined && matches(secret, { keyword, instanceId }))
      .map((secret) => ({ ...secret, description: undefined, customData: undefined }));
    const items =
      instanceId === undefined ? found : await Promise.all(found.map((secret) => this.#withStanding(secret)));
    return { items, ...(scan && { scan }) };
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
    return { ...secret, userName: userNameIn(data, secret.kind) };
  }

  async #withStanding(secret: SecretDescription) {
    const { regionId, name } = secret;
    return { ...secret, standing: await this.states.withVersion(regionId, name, standingOf(secret)) };
  }
}

/** The last name of the page before. */
function nameIn(cursor: string): string {
  const name = Buffer.from(cursor, 'base64url');
  if (name.length > 0 && name.toString('base64url') === cursor) return name.toString('utf8');
  throw new DomainError('request.invalid', 'cursor: not one of an earlier answer');
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
