import type { Host, HostId } from '@sallyport/contracts';

/**
 * A host, with what the cloud said of its instance when it was imported last. A field follows the cloud when the cloud
 * changes it; what an administrator set stays until then.
 */
export interface StoredHost extends Host {
  cloud: { name: string; address: string; port: number };
}

/** Port: the hosts. */
export abstract class Hosts {
  /** Until the transaction has ended, nobody else adds or names a host. */
  abstract lockNames(): Promise<void>;
  /** @throws DomainError `host.exists` a host has the name, letters' case aside, or is this instance */
  abstract add(host: StoredHost): Promise<void>;
  /** @throws DomainError `host.exists` another host has the name */
  abstract save(host: StoredHost): Promise<void>;
  /** @param forUpdate others who want to change the same host wait until the transaction has ended */
  abstract byId(id: HostId, forUpdate?: boolean): Promise<StoredHost | undefined>;
  abstract byInstance(regionId: string, instanceId: string): Promise<StoredHost | undefined>;
  /** Hosts of which this is the name (letters' case aside), the instance id or the address; at most `limit`. */
  abstract called(text: string, limit: number): Promise<StoredHost[]>;
  /** Whether another host than `except` has the name, letters' case aside. */
  abstract nameTaken(name: string, except?: HostId): Promise<boolean>;
  /** At most `limit` hosts with a greater name than `name`, in the order of the names' bytes. */
  abstract after(name: string | undefined, limit: number): Promise<StoredHost[]>;
  /** With accounts, keys and authorizations. */
  abstract remove(id: HostId): Promise<void>;
}
