import type { Page, PageOptions } from '../paging/page.js';
import { page } from '../paging/page.js';
import type { CloudInstance } from './cloud-instance.js';
import { CloudInstances } from './cloud-instances.js';

/** A cloud whose instances the test sets. */
export class FakeCloudInstances extends CloudInstances {
  instances: CloudInstance[] = [];

  list(regionId: string, options: PageOptions): Promise<Page<CloudInstance>> {
    const all = this.instances.filter((instance) => instance.regionId === regionId);
    const after = (id: string | undefined, limit: number): CloudInstance[] =>
      all.filter((instance) => id === undefined || instance.instanceId > id).slice(0, limit);
    return page(
      options,
      (id, limit) => Promise.resolve(after(id, limit)),
      (instance) => instance.instanceId,
    );
  }

  find(regionId: string, instanceIds: readonly string[]): Promise<CloudInstance[]> {
    return Promise.resolve(
      this.instances.filter((instance) => instance.regionId === regionId && instanceIds.includes(instance.instanceId)),
    );
  }
}
