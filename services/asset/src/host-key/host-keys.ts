import type { HostId, HostKey } from '@sallyport/contracts';

/** Port: the keys that hosts are known by. */
export abstract class HostKeys {
  /** In the order of their types and fingerprints; empty until the first logon. */
  abstract of(hostId: HostId): Promise<HostKey[]>;
  /** The caller holds the host's row, so that only one first key can be pinned. */
  abstract add(hostId: HostId, key: HostKey): Promise<void>;
  abstract removeOf(hostId: HostId): Promise<void>;
}
