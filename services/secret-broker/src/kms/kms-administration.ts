import type { KmsInstance, KmsKey } from '@sallyport/contracts';
import type { Secret } from '@sallyport/secret';
import type { SecretAddress } from './kms.js';

/** KMS did it. */
export interface Done {
  /** Empty when the answer was lost and only its effect was found. */
  readonly requestId: string;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface NewSecret extends SecretAddress {
  readonly versionId: string;
  readonly data: Secret<string>;
  readonly kind: 'password' | 'ssh-key';
  readonly instanceId: string;
  readonly encryptionKeyId?: string;
  readonly kmsInstanceId?: string;
  readonly tags?: readonly Tag[];
  readonly rotationIntervalSeconds?: number;
  readonly description?: string;
  readonly customData?: Readonly<Record<string, string>>;
  readonly policy?: string;
}

/** How a secret is deleted: for ever and at once, or after so many days. */
export type Deletion = { readonly force: true } | { readonly force: false; readonly recoveryWindowDays?: number };

/** What a secret tells of itself and may be changed. */
export interface SecretFace {
  readonly description?: string;
  readonly customData?: Readonly<Record<string, string>>;
}

export interface KeyPage {
  readonly keyIds: string[];
  readonly totalCount: number;
}

/**
 * Port: the administration of secrets in KMS, for which the broker has an identity of its own. Waits and throws as `Kms` does,
 * and `secret.rejected` when KMS does not take a request.
 */
export abstract class KmsAdministration {
  /** Safe against its own repetition: an answer lost on the way is found again by the version id. */
  abstract create(secret: NewSecret): Promise<Done>;
  abstract delete(address: SecretAddress, deletion: Deletion): Promise<Done & { plannedDeleteAt?: string }>;
  abstract restore(address: SecretAddress): Promise<Done>;
  /** Asynchronous in KMS; the same version id again starts nothing new. */
  abstract rotate(address: SecretAddress, versionId: string): Promise<Done>;
  /** Turns automatic rotation off without an interval. */
  abstract setRotation(address: SecretAddress, intervalSeconds: number | undefined): Promise<Done>;
  /** Only what is given changes; custom data is replaced as a whole. */
  abstract update(address: SecretAddress, face: SecretFace): Promise<Done>;
  /** Adds up to ten tags, or changes their values. */
  abstract tag(address: SecretAddress, tags: readonly Tag[]): Promise<Done>;
  abstract untag(address: SecretAddress, keys: readonly string[]): Promise<Done>;
  /** JSON text. */
  abstract readPolicy(address: SecretAddress): Promise<string>;
  abstract setPolicy(address: SecretAddress, policy: string): Promise<Done>;
  /** Made by KMS, of all kinds of characters, without signs that shells take for their own. */
  abstract newPassword(regionId: string, length: number): Promise<Secret<string>>;
  /** By id, ARN or alias. @throws KmsError `kms.key-unavailable` there is none */
  abstract describeKey(regionId: string, keyId: string): Promise<KmsKey>;
  abstract listKeys(regionId: string, page: { number: number; size: number; kmsInstanceId?: string }): Promise<KeyPage>;
  abstract listInstances(regionId: string): Promise<KmsInstance[]>;
  /** @param regionId whose KMS is asked */
  abstract listRegions(regionId: string): Promise<string[]>;
}
