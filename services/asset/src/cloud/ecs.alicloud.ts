import type { Secret } from '@sallyport/secret';
import type { Page, PageOptions } from '../paging/page.js';
import type { CloudInstance } from './cloud-instance.js';
import { CloudInstances } from './cloud-instances.js';
import type { EcsEndpoint } from './ecs-endpoint.js';
import { ecsFailed, isRetryableEcsError, wouldHaveSucceeded } from './ecs-error.js';
import { DescribedPage, toCloudInstance } from './ecs-instance.js';
import { DeadlineError, retry } from './retry.js';

export interface EcsSettings {
  /** Undefined: the SDK's own endpoint of each region, by https. */
  endpoint: EcsEndpoint | undefined;
  /** Undefined: the default chain of @alicloud/credentials. */
  accessKey: { id: string; secret: Secret<string>; securityToken: Secret<string> | undefined } | undefined;
}

const CONNECT_TIMEOUT_MS = 3_000;
const READ_TIMEOUT_MS = 6_000;
/** Below the deadline of the requests that wait for us. */
const DEADLINE_MS = 15_000;
const ATTEMPTS = 3;
/** The cloud counts less as 10 and more as 100. */
const PAGE = { least: 10, most: 100 } as const;

/** The part of the SDK that we use. Its answers are read by a schema of ours. */
interface EcsClient {
  describeInstances(request: object): Promise<{ body?: unknown }>;
}
interface EcsSdk {
  default: { default: new (config: object) => EcsClient };
  DescribeInstancesRequest: new (fields: object) => object;
}

/** ECS by `@alicloud/ecs20140526`, which is large and loaded when it is needed first. It never retries by itself. */
export class EcsCloudInstances extends CloudInstances {
  readonly #clients = new Map<string, Promise<EcsClient>>();

  constructor(private readonly settings: EcsSettings) {
    super();
  }

  async list(regionId: string, { limit, cursor }: PageOptions): Promise<Page<CloudInstance>> {
    const maxResults = Math.min(Math.max(limit, PAGE.least), PAGE.most);
    const page = await this.#describe(regionId, { maxResults, nextToken: cursor });
    const items = instancesOf(page, regionId);
    return page.nextToken ? { items, nextCursor: page.nextToken } : { items };
  }

  async find(regionId: string, instanceIds: readonly string[]): Promise<CloudInstance[]> {
    const page = await this.#describe(regionId, {
      instanceIds: JSON.stringify(instanceIds),
      maxResults: PAGE.most,
    });
    return instancesOf(page, regionId);
  }

  /** Without permission a list is empty; so it is where there is nothing, and then a dry run tells (reference, section 7). */
  async maySee(regionId: string): Promise<boolean> {
    if ((await this.list(regionId, { limit: 1 })).items.length > 0) return true;
    try {
      await this.#call(regionId, { dryRun: true });
      return false;
    } catch (error) {
      if (wouldHaveSucceeded(error)) return true;
      if (isRetryableEcsError(error) || error instanceof DeadlineError) throw ecsFailed(error);
      return false;
    }
  }

  async #describe(regionId: string, fields: object): Promise<DescribedPage> {
    try {
      return DescribedPage.parse(await this.#call(regionId, fields));
    } catch (error) {
      throw ecsFailed(error);
    }
  }

  #call(regionId: string, fields: object): Promise<unknown> {
    const call = async (): Promise<unknown> => {
      const [{ DescribeInstancesRequest }, client] = await Promise.all([loadSdk(), this.#client(regionId)]);
      return (await client.describeInstances(new DescribeInstancesRequest({ regionId, ...fields }))).body;
    };
    const options = { attempts: ATTEMPTS, deadlineMs: DEADLINE_MS, isRetryable: isRetryableEcsError };
    return retry(call, options);
  }

  #client(regionId: string): Promise<EcsClient> {
    const known = this.#clients.get(regionId);
    if (known) return known;
    const made = this.#createClient(regionId);
    this.#clients.set(regionId, made);
    made.catch(() => this.#clients.delete(regionId));
    return made;
  }

  async #createClient(regionId: string): Promise<EcsClient> {
    const { default: sdk } = await loadSdk();
    const { endpoint, accessKey } = this.settings;
    return new sdk.default({
      regionId,
      protocol: 'https',
      ...endpoint,
      connectTimeout: CONNECT_TIMEOUT_MS,
      readTimeout: READ_TIMEOUT_MS,
      ...(accessKey
        ? {
            accessKeyId: accessKey.id,
            accessKeySecret: accessKey.secret.expose(),
            securityToken: accessKey.securityToken?.expose(),
          }
        : { credential: await defaultCredential() }),
    });
  }
}

const instancesOf = (page: DescribedPage, regionId: string): CloudInstance[] =>
  (page.instances?.instance ?? []).map((instance) => toCloudInstance(instance, regionId));

const loadSdk = async (): Promise<EcsSdk> => (await import('@alicloud/ecs20140526')) as unknown as EcsSdk;

/** Both packages are CommonJS with a default export, which `import()` wraps once more. */
async function defaultCredential(): Promise<object> {
  const { default: credentials } = await import('@alicloud/credentials');
  return new credentials.default();
}
