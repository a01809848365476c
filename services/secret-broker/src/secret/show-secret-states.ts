import type { ReplyOf, SecretStanding, ShowSecretStatesV1 } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Kms } from '../kms/kms.js';
import type { SecretIndex } from './secret-index.js';

/** Versions that are remembered; the oldest go first. */
const KEPT = 10_000;

/** How secrets stand in KMS, from the index. */
export class ShowSecretStates {
  /** Current versions, by secret and the times of its creation and last rotation. */
  readonly #versions = new Map<string, string>();

  constructor(
    private readonly kms: Kms,
    private readonly index: SecretIndex,
  ) {}

  /** @throws DomainError `kms.*` */
  async run(
    regionId: string,
    names: readonly string[],
    { versions }: { versions: boolean },
  ): Promise<ReplyOf<typeof ShowSecretStatesV1>> {
    const { scan } = await this.index.all(regionId);
    const items = await Promise.all(
      names.map(async (name) => {
        const standing = await this.index.standing(regionId, name);
        return { name, ...(versions ? await this.withVersion(regionId, name, standing) : standing) };
      }),
    );
    return { items, ...(scan && { scan }) };
  }

  /** With the version that a logon gets now, when KMS tells. */
  async withVersion(regionId: string, name: string, standing: SecretStanding): Promise<SecretStanding> {
    if (standing.state === 'gone' || standing.state === 'unknown') return standing;
    const createdAt = this.index.createdAt(regionId, name) ?? '';
    const key = `${regionId} ${name} ${createdAt} ${standing.lastRotationAt ?? ''}`;
    const known = this.#versions.get(key);
    const currentVersionId = known ?? (await this.#currentVersion(regionId, name));
    if (currentVersionId === undefined) return standing;
    if (known === undefined) this.#keep(key, currentVersionId);
    return { ...standing, currentVersionId };
  }

  #keep(key: string, versionId: string): void {
    const oldest = this.#versions.keys().next().value;
    if (this.#versions.size >= KEPT && oldest !== undefined) this.#versions.delete(oldest);
    this.#versions.set(key, versionId);
  }

  async #currentVersion(regionId: string, name: string): Promise<string | undefined> {
    try {
      const versions = await this.kms.listVersions({ regionId, name });
      return versions.find(({ stages }) => stages.includes('ACSCurrent'))?.versionId;
    } catch (error) {
      if (error instanceof DomainError) return undefined;
      throw error;
    }
  }
}
