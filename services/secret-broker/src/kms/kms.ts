import type { Secret as SecretDescription, SecretVersion } from '@sallyport/contracts';
import type { Secret } from '@sallyport/secret';

/** The two versions of an ECS secret that can be read. */
export type Stage = 'ACSCurrent' | 'ACSPrevious';

export interface SecretAddress {
  readonly regionId: string;
  readonly name: string;
}

/** What KMS stores under one stage of a secret. */
export interface SecretValue {
  /** SecretData: free text that somebody may have typed. */
  readonly data: Secret<string>;
  readonly versionId: string;
  /** Absent until the first rotation. */
  readonly lastRotationAt?: Date;
  /** `AutomaticRotation` is `Invalid`: the last rotation failed, and the host may have another value by now, or not. */
  readonly rotationFailed: boolean;
  readonly requestId: string;
}

export interface SecretPage {
  readonly items: SecretDescription[];
  /** KMS's count of all; may change between pages. */
  readonly totalCount: number;
}

/**
 * Port: Alibaba Cloud KMS, as far as it is only read. Every method waits for as long as the operator's patience and throws `KmsError`:
 * `kms.*` when KMS cannot be used, `secret.*` when this secret cannot. Each answer that is recorded has KMS's `requestId`.
 */
export abstract class Kms {
  /** Reads KMS now. Calls for the same value share an answer only while it is on its way. */
  abstract readValue(address: SecretAddress, stage: Stage): Promise<SecretValue>;
  abstract describe(address: SecretAddress): Promise<SecretDescription>;
  /** ECS secrets of a region, those in their deletion window too; a page is at most 100. */
  abstract list(regionId: string, page: { number: number; size: number }): Promise<SecretPage>;
  /** Versions that have a stage; with `deprecated`, up to a thousand with those that had one once. */
  abstract listVersions(address: SecretAddress, which?: { deprecated?: boolean }): Promise<SecretVersion[]>;
}
