import { Controller } from '@nestjs/common';
import type { IdentityClaims, ReplyOf, RequestOf } from '@sallyport/contracts';
import {
  DeleteHostV1,
  GetHostV1,
  ImportHostsV1,
  ListHostsV1,
  ListInstancesV1,
  UpdateHostV1,
} from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { CloudInstances } from '../cloud/cloud-instances.js';
import { ImportHosts } from './import-hosts.js';
import { ManageHosts } from './manage-hosts.js';

@Controller()
export class HostController {
  constructor(
    private readonly cloud: CloudInstances,
    private readonly importHosts: ImportHosts,
    private readonly manageHosts: ManageHosts,
  ) {}

  @Handles(ListInstancesV1)
  listInstances(
    @Input(ListInstancesV1) q: RequestOf<typeof ListInstancesV1>,
  ): Promise<ReplyOf<typeof ListInstancesV1>> {
    return this.cloud.list(q.regionId, q);
  }

  @Handles(ImportHostsV1)
  async import(
    @Input(ImportHostsV1) q: RequestOf<typeof ImportHostsV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof ImportHostsV1>> {
    return { results: await this.importHosts.run(actor.userId, q.regionId, q.instanceIds) };
  }

  @Handles(ListHostsV1)
  list(@Input(ListHostsV1) q: RequestOf<typeof ListHostsV1>): Promise<ReplyOf<typeof ListHostsV1>> {
    return this.manageHosts.list(q);
  }

  @Handles(GetHostV1)
  get(@Input(GetHostV1) q: RequestOf<typeof GetHostV1>): Promise<ReplyOf<typeof GetHostV1>> {
    return this.manageHosts.get(q.hostId);
  }

  @Handles(UpdateHostV1)
  update(
    @Input(UpdateHostV1) q: RequestOf<typeof UpdateHostV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof UpdateHostV1>> {
    return this.manageHosts.update(actor.userId, q.hostId, q);
  }

  @Handles(DeleteHostV1)
  async delete(
    @Input(DeleteHostV1) q: RequestOf<typeof DeleteHostV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof DeleteHostV1>> {
    await this.manageHosts.delete(actor.userId, q.hostId);
    return {};
  }
}
