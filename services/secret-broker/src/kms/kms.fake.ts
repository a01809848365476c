import type { KmsInstance, KmsKey, Secret as SecretDescription, SecretVersion } from '@sallyport/contracts';
import { randomBytes } from 'node:crypto';
import { Secret } from '@sallyport/secret';
import type { KmsFailure } from './kms-error.js';
import { toKmsError } from './kms-error.js';
import type { KmsAction } from './kms-gateway.js';
import type { Deletion, Done, KeyPage, KmsAdministration, NewSecret, SecretFace, Tag } from './kms-administration.js';
import type { SecretAddress, SecretPage, SecretValue, Stage } from './kms.js';
import { Kms } from './kms.js';
import { fakeAccount, toDescription } from './stored-secret.fake.js';
import type { Stored } from './stored-secret.fake.js';

/** KMS in memory. A rotation is over at once, and makes the value that `nextValue` gives, unless it is told to hold or to fail. */
export class FakeKms extends Kms implements KmsAdministration {
  readonly #secrets = new Map<string, Stored>();
  readonly calls: KmsAction[] = [];
  /** How far its clock is ahead of ours. */
  skewMs = 0;
  #failures: KmsFailure[] = [];
  #requests = 0;
  /** How the rotations that are asked for from now on go. */
  rotations: 'done' | 'held' | 'failed' = 'done';
  readonly keys: KmsKey[] = [];
  readonly instances: KmsInstance[] = [];

  constructor(
    private readonly now: () => Date = () => new Date(),
    private readonly nextValue: (old: string) => string = (old) => old,
  ) {
    super();
  }

  /** The next calls fail, one each. */
  failNext(...failures: KmsFailure[]): void {
    this.#failures = failures;
  }

  /** As a rotation that failed leaves a secret. */
  failRotation(address: SecretAddress): void {
    this.#stored('GetSecretValue', address).rotationFailed = true;
  }

  override readValue(address: SecretAddress, stage: Stage): Promise<SecretValue> {
    return this.#answer('GetSecretValue', (requestId) => {
      const stored = this.#live('GetSecretValue', address);
      const version = stored.versions[stage === 'ACSCurrent' ? 0 : 1];
      if (!version) throw refusal('GetSecretValue', 'Forbidden.ResourceNotFound');
      const { lastRotationAt } = stored;
      return {
        data: Secret.of(version.data),
        versionId: version.versionId,
        rotationFailed: stored.rotationFailed === true,
        requestId,
        ...(lastRotationAt && { lastRotationAt }),
      };
    });
  }

  override describe(address: SecretAddress): Promise<SecretDescription> {
    return this.#answer('DescribeSecret', () => toDescription(this.#stored('DescribeSecret', address)));
  }

  override list(regionId: string, page: { number: number; size: number }): Promise<SecretPage> {
    return this.#answer('ListSecrets', () => {
      const all = [...this.#secrets.values()].filter(({ secret }) => secret.regionId === regionId);
      const from = (page.number - 1) * page.size;
      const items = all.slice(from, from + page.size).map((stored) => {
        const { name, type, tags, plannedDeleteAt, createdAt, updatedAt } = toDescription(stored);
        const times = { createdAt, updatedAt };
        return { name, regionId, type, ...times, ...(tags && { tags }), ...(plannedDeleteAt && { plannedDeleteAt }) };
      });
      return { items, totalCount: all.length };
    });
  }

  override listVersions(
    address: SecretAddress,
    { deprecated = false }: { deprecated?: boolean } = {},
  ): Promise<SecretVersion[]> {
    return this.#answer('ListSecretVersionIds', () => {
      const { versions } = this.#stored('ListSecretVersionIds', address);
      const stages = ['ACSCurrent', 'ACSPrevious'];
      return versions.slice(0, deprecated ? 100 : 2).map(({ versionId }, at) => ({
        versionId,
        createdAt: this.now().toISOString(),
        stages: stages.slice(at, at + 1),
      }));
    });
  }

  create(secret: NewSecret): Promise<{ requestId: string }> {
    return this.#answer('CreateSecret', (requestId) => {
      if (this.#secrets.has(keyOf(secret))) throw refusal('CreateSecret', 'Rejected.ResourceExist');
      this.#secrets.set(keyOf(secret), {
        secret,
        createdAt: this.now(),
        versions: [{ versionId: secret.versionId, data: secret.data.expose() }],
        policy: secret.policy ?? defaultPolicy,
        updatedAt: this.now(),
        ...(secret.rotationIntervalSeconds && { rotationIntervalSeconds: secret.rotationIntervalSeconds }),
      });
      return { requestId };
    });
  }

  delete(address: SecretAddress, deletion: Deletion): Promise<{ requestId: string; plannedDeleteAt?: string }> {
    return this.#answer('DeleteSecret', (requestId) => {
      const stored = this.#live('DeleteSecret', address);
      if (deletion.force) {
        this.#secrets.delete(keyOf(address));
        return { requestId };
      }
      const days = deletion.recoveryWindowDays ?? 30;
      stored.plannedDeleteAt = new Date(this.now().getTime() + days * 86_400_000).toISOString();
      return { requestId, plannedDeleteAt: stored.plannedDeleteAt };
    });
  }

  restore(address: SecretAddress): Promise<{ requestId: string }> {
    return this.#answer('RestoreSecret', (requestId) => {
      const stored = this.#stored('RestoreSecret', address);
      if (!stored.plannedDeleteAt) throw refusal('RestoreSecret', 'Rejected.ResourceInUse');
      delete stored.plannedDeleteAt;
      return { requestId };
    });
  }

  rotate(address: SecretAddress, versionId: string): Promise<{ requestId: string }> {
    return this.#answer('RotateSecret', (requestId) => {
      const stored = this.#live('RotateSecret', address);
      if (this.rotations === 'failed') {
        stored.automaticRotation = 'Invalid';
        stored.updatedAt = this.now();
      }
      if (this.rotations === 'done' && !stored.versions.some((version) => version.versionId === versionId)) {
        delete stored.automaticRotation;
        stored.updatedAt = this.now();
        stored.versions.unshift({ versionId, data: this.nextValue(stored.versions[0]?.data ?? '') });
        stored.lastRotationAt = wholeSecond(this.now().getTime() + this.skewMs);
        delete stored.rotationFailed;
      }
      return { requestId };
    });
  }

  setRotation(address: SecretAddress, intervalSeconds: number | undefined): Promise<{ requestId: string }> {
    return this.#answer('UpdateSecretRotationPolicy', (requestId) => {
      const stored = this.#live('UpdateSecretRotationPolicy', address);
      delete stored.rotationIntervalSeconds;
      delete stored.automaticRotation;
      if (intervalSeconds !== undefined) stored.rotationIntervalSeconds = intervalSeconds;
      return { requestId };
    });
  }

  update(address: SecretAddress, face: SecretFace): Promise<Done> {
    return this.#change('UpdateSecret', address, (secret) => ({ ...secret, ...face }));
  }

  tag(address: SecretAddress, tags: readonly Tag[]): Promise<Done> {
    const isOther = ({ key }: Tag): boolean => !tags.some((tag) => tag.key === key);
    return this.#change('TagResource', address, (secret) => ({
      ...secret,
      tags: [...(secret.tags ?? []).filter(isOther), ...tags],
    }));
  }

  untag(address: SecretAddress, keys: readonly string[]): Promise<Done> {
    return this.#change('UntagResource', address, (secret) => ({
      ...secret,
      tags: (secret.tags ?? []).filter(({ key }) => !keys.includes(key)),
    }));
  }

  readPolicy(address: SecretAddress): Promise<string> {
    return this.#answer('GetSecretPolicy', () => this.#stored('GetSecretPolicy', address).policy);
  }

  setPolicy(address: SecretAddress, policy: string): Promise<Done> {
    return this.#answer('SetSecretPolicy', (requestId) => {
      this.#live('SetSecretPolicy', address).policy = policy;
      return { requestId };
    });
  }

  newPassword(_regionId: string, length: number): Promise<Secret<string>> {
    return this.#answer('GetRandomPassword', () => Secret.of(randomBytes(length).toString('hex').slice(0, length)));
  }

  describeKey(_regionId: string, keyId: string): Promise<KmsKey> {
    return this.#answer('DescribeKey', () => {
      const key = this.keys.find((one) => one.keyId === keyId);
      if (!key) throw refusal('DescribeKey', 'Forbidden.KeyNotFound');
      return key;
    });
  }

  listKeys(_regionId: string, page: { number: number; size: number }): Promise<KeyPage> {
    return this.#answer('ListKeys', () => {
      const from = (page.number - 1) * page.size;
      const keyIds = this.keys.slice(from, from + page.size).map(({ keyId }) => keyId);
      return { keyIds, totalCount: this.keys.length };
    });
  }

  listInstances(): Promise<KmsInstance[]> {
    return this.#answer('ListKmsInstances', () => [...this.instances]);
  }

  listRegions(regionId: string): Promise<string[]> {
    return this.#answer('DescribeRegions', () => [regionId]);
  }

  #change(action: KmsAction, address: SecretAddress, changed: (secret: NewSecret) => NewSecret): Promise<Done> {
    return this.#answer(action, (requestId) => {
      const stored = this.#live(action, address);
      stored.secret = changed(stored.secret);
      stored.updatedAt = this.now();
      return { requestId };
    });
  }

  #answer<T>(action: KmsAction, give: (requestId: string) => T): Promise<T> {
    this.calls.push(action);
    const failure = this.#failures.shift();
    return new Promise((resolve) => {
      if (failure) throw toKmsError(action, failure);
      resolve(give(`request-${++this.#requests}`));
    });
  }

  #stored(action: KmsAction, address: SecretAddress): Stored {
    const stored = this.#secrets.get(keyOf(address));
    if (!stored) throw refusal(action, 'Forbidden.ResourceNotFound');
    return stored;
  }

  #live(action: KmsAction, address: SecretAddress): Stored {
    const stored = this.#stored(action, address);
    if (stored.plannedDeleteAt) throw refusal(action, 'Rejected.ResourceInDeleteWindow');
    return stored;
  }
}

/** KMS names times to the second. */
const wholeSecond = (ms: number): Date => new Date(Math.floor(ms / 1_000) * 1_000);

const keyOf = ({ regionId, name }: SecretAddress): string => `${regionId} ${name}`;

function refusal(action: KmsAction, kmsCode: string) {
  return toKmsError(action, { kmsCode, answered: true, httpStatus: 400, requestId: 'request-refused' });
}

const defaultPolicy = JSON.stringify({
  Version: '1',
  Statement: [
    { Effect: 'Allow', Principal: { RAM: [`acs:ram::${fakeAccount}:*`] }, Action: ['kms:*'], Resource: ['*'] },
  ],
});
