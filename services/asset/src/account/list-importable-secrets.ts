import type { HostId, ListImportableSecretsV1, ReplyOf } from '@sallyport/contracts';
import { ListEcsSecretsV1 } from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import type { Hosts } from '../host/hosts.js';
import { requireHost } from '../host/require-host.js';
import { isEcsSecret } from './account.js';
import type { Accounts } from './accounts.js';

/** ECS secrets in KMS that belong to the host's instance and are not accounts of it yet. */
export class ListImportableSecrets {
  constructor(
    private readonly hosts: Hosts,
    private readonly accounts: Accounts,
    private readonly bus: Bus,
  ) {}

  /** @throws DomainError `host.not-found`, `kms.*` */
  async run(hostId: HostId, keyword: string | undefined): Promise<ReplyOf<typeof ListImportableSecretsV1>> {
    const { instanceId, regionId } = await requireHost(this.hosts, hostId);
    const request = { regionId, instanceId, ...(keyword !== undefined && { keyword }) };
    const { items: found, scan } = await this.bus.request(ListEcsSecretsV1, request);
    const known = new Set((await this.accounts.of(hostId)).map((account) => account.secretName));
    const items = found.flatMap((secret) => {
      const { name: secretName, kind, tags = [], standing } = secret;
      const ours = isEcsSecret(secret) && secret.instanceId === instanceId && secret.regionId === regionId;
      if (!ours || kind === undefined || known.has(secretName)) return [];
      return { secretName, secretType: 'ECS' as const, kind, tags, ...(standing && { secret: standing }) };
    });
    return { items, ...(scan && { scan }) };
  }
}
