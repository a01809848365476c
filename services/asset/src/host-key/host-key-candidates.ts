import type { HostId, HostKeyCandidate } from '@sallyport/contracts';

/** Port: keys that hosts showed and that nobody has approved yet. Who changes those of a host holds the host's row. */
export abstract class HostKeyCandidates {
  /** The one that was shown first comes first. */
  abstract of(hostId: HostId): Promise<HostKeyCandidate[]>;
  abstract add(candidate: HostKeyCandidate): Promise<void>;
  abstract remove(hostId: HostId, fingerprints: readonly string[]): Promise<void>;
  abstract removeOf(hostId: HostId): Promise<void>;
  /** At most `limit` with a greater `candidateKey` than `key`, in its order; of one host, or of all. */
  abstract after(key: string | undefined, limit: number, hostId?: HostId): Promise<HostKeyCandidate[]>;
}

/** What lists of candidates are ordered by. */
export const candidateKey = ({ hostId, fingerprint }: HostKeyCandidate): string => `${hostId} ${fingerprint}`;
