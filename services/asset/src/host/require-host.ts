import type { HostId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Hosts, StoredHost } from './hosts.js';

/** @throws DomainError `host.not-found` */
export async function requireHost(hosts: Hosts, id: HostId, mode?: 'forUpdate'): Promise<StoredHost> {
  const host = await hosts.byId(id, mode === 'forUpdate');
  if (!host) throw new DomainError('host.not-found', 'there is no such host');
  return host;
}
