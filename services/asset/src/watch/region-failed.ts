import type { DomainError } from '@sallyport/errors';

/** What in a region could not be looked at, and why: one region does not keep the watch from the others. */
export type RegionFailed = (regionId: string, error: DomainError) => void;
