import type { Page, PageOptions } from '../paging/page.js';
import type { CloudInstance } from './cloud-instance.js';

/** Port: the instances that the cloud has. An identity that may not see them gets nothing, and no error. */
export abstract class CloudInstances {
  /** One page of the cloud's own answer. @throws DomainError `ecs.failed`, `request.invalid` (the cursor) */
  abstract list(regionId: string, options: PageOptions): Promise<Page<CloudInstance>>;
  /** Those of the ids that the cloud knows, at most 100. @throws DomainError `ecs.failed` */
  abstract find(regionId: string, instanceIds: readonly string[]): Promise<CloudInstance[]>;
  /** Whether our identity may see the instances of a region, of which there may be none. @throws DomainError `ecs.failed` */
  abstract maySee(regionId: string): Promise<boolean>;
}
