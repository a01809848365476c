import type { Secret as SecretDescription, SecretVersion } from '@sallyport/contracts';
import { Secret } from '@sallyport/secret';
import { DescribeAnswer, ListAnswer, toDescription, ValueAnswer, VersionsAnswer } from './kms-answers.js';
import type { KmsCalls } from './kms-calls.js';
import type { SecretAddress, SecretPage, SecretValue, Stage } from './kms.js';
import { Kms } from './kms.js';
import { SingleFlight } from './single-flight.js';

/** A bound on the pages of ListSecretVersionIds: KMS does not say how many deprecated versions it keeps. */
const VERSION_PAGES_AT_MOST = 10;

/** Port adapter: what only reads KMS. Reads of one value share the call that is on its way. */
export class KmsClient extends Kms {
  readonly #reads = new SingleFlight<SecretValue>();

  constructor(private readonly calls: KmsCalls) {
    super();
  }

  override readValue({ regionId, name }: SecretAddress, stage: Stage): Promise<SecretValue> {
    return this.#reads.run(`${regionId} ${stage} ${name}`, async () => {
      const parameters = { SecretName: name, VersionStage: stage };
      const answer = await this.calls.call({ regionId, action: 'GetSecretValue', parameters, schema: ValueAnswer });
      return {
        data: Secret.of(answer.SecretData),
        versionId: answer.VersionId,
        requestId: answer.RequestId,
        rotationFailed: answer.AutomaticRotation === 'Invalid',
        ...(answer.LastRotationDate && { lastRotationAt: answer.LastRotationDate }),
      };
    });
  }

  override async describe({ regionId, name }: SecretAddress): Promise<SecretDescription> {
    const parameters = { SecretName: name, FetchTags: 'true' };
    const schema = DescribeAnswer;
    return toDescription(regionId, await this.calls.call({ regionId, action: 'DescribeSecret', parameters, schema }));
  }

  override async list(regionId: string, page: { number: number; size: number }): Promise<SecretPage> {
    const parameters = {
      Filters: JSON.stringify([{ Key: 'SecretType', Values: ['ECS'] }]),
      FetchTags: 'true',
      PageNumber: String(page.number),
      PageSize: String(page.size),
    };
    const answer = await this.calls.call({ regionId, action: 'ListSecrets', parameters, schema: ListAnswer });
    const items = answer.SecretList.map((secret) => toDescription(regionId, secret));
    return { items, totalCount: answer.TotalCount };
  }

  override async listVersions(
    { regionId, name }: SecretAddress,
    { deprecated = false }: { deprecated?: boolean } = {},
  ): Promise<SecretVersion[]> {
    const found: SecretVersion[] = [];
    // Without the deprecated ones there are two at most, the current and the previous.
    const size = deprecated ? 100 : 20;
    for (let number = 1; number <= VERSION_PAGES_AT_MOST; number++) {
      const parameters = {
        SecretName: name,
        PageNumber: String(number),
        PageSize: String(size),
        ...(deprecated && { IncludeDeprecated: 'true' }),
      };
      const schema = VersionsAnswer;
      const answer = await this.calls.call({ regionId, action: 'ListSecretVersionIds', parameters, schema });
      for (const { VersionId: versionId, CreateTime: createdAt, VersionStages: stages } of answer.VersionIds)
        found.push({ versionId, createdAt, stages });
      if (number * size >= answer.TotalCount) break;
    }
    return found;
  }
}
