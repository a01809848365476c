import type { Secret as SecretDescription } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Kms } from '../kms/kms.js';

/** What never changes about a secret once it is made (KMS, "Manage and use ECS secrets"). */
export type SecretFacts = Pick<SecretDescription, 'instanceId' | 'kind' | 'kmsInstanceId'>;

/** DescribeSecret calls side by side, far below the account's 450 a second. */
const SIDE_BY_SIDE = 8;
/** Facts that are kept; the oldest go first. */
const KEPT = 20_000;

/**
 * ListSecrets does not say which instance a secret belongs to, so each is described once. The facts kept are immutable, and
 * a secret that was deleted and made anew under its name has another time of creation. Values are never kept.
 */
export class SecretFactsIndex {
  readonly #known = new Map<string, SecretFacts>();

  constructor(private readonly kms: Kms) {}

  /** Those that can be described now, with their facts; one that has gone in the meantime is left out. */
  async complete(listed: readonly SecretDescription[]): Promise<SecretDescription[]> {
    const waiting = [...listed.entries()];
    const completed: (SecretDescription | undefined)[] = [];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift())
        completed[next[0]] = await this.#completeOne(next[1]);
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
    return completed.filter((secret) => secret !== undefined);
  }

  async #completeOne(secret: SecretDescription): Promise<SecretDescription | undefined> {
    const key = `${secret.regionId} ${secret.name} ${secret.createdAt ?? ''}`;
    try {
      const facts = this.#known.get(key) ?? (await this.#learn(key, secret));
      return { ...secret, ...facts };
    } catch (error) {
      const gone =
        error instanceof DomainError && ['secret.not-found', 'secret.deleted', 'kms.denied'].includes(error.code);
      if (gone) return undefined;
      throw error;
    }
  }

  async #learn(key: string, { regionId, name }: SecretDescription): Promise<SecretFacts> {
    const { instanceId, kind, kmsInstanceId } = await this.kms.describe({ regionId, name });
    const facts = {
      ...(instanceId !== undefined && { instanceId }),
      ...(kind && { kind }),
      ...(kmsInstanceId !== undefined && { kmsInstanceId }),
    };
    const oldest = this.#known.keys().next().value;
    if (this.#known.size >= KEPT && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(key, facts);
    return facts;
  }
}
