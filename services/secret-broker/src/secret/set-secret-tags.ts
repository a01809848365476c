import { SecretUpdated } from '@sallyport/contracts';
import type { Secret as SecretDescription, UserId } from '@sallyport/contracts';
import type { Done, KmsAdministration, Tag } from '../kms/kms-administration.js';
import type { Kms, SecretAddress } from '../kms/kms.js';
import type { RecordedChanges } from './recorded-change.js';
import { checkTags, isReservedTagKey } from './secret-rules.js';
import { faceOf } from './update-secret.js';

/** Tags in one call (KMS, an older page of TagResource; none says how many keys UntagResource takes). */
const TAGS_A_CALL = 10;

/** One call to KMS and the tags after it. */
interface Step {
  readonly tags: readonly Tag[];
  readonly call: () => Promise<Done>;
}

/**
 * Gives a secret these tags and no others. KMS takes that in several calls, each on record when it is done: those that go come
 * first, as a secret has 20 at most. The same request again after an error finds what is left to do.
 * @throws DomainError `request.invalid` a rule is broken: nothing was sent; `secret.*`, `kms.*` from KMS; `audit.unavailable`
 */
export class SetSecretTags {
  constructor(
    private readonly kms: Kms,
    private readonly administration: KmsAdministration,
    private readonly changes: RecordedChanges,
  ) {}

  run(actorId: UserId, address: SecretAddress, tags: readonly Tag[]): Promise<SecretDescription> {
    const check = (): void => {
      checkTags(tags);
    };
    return this.changes.run({ ...address, actorId, operation: 'set-tags' }, check, async () => {
      let before = await this.kms.describe(address);
      for (const step of this.#steps(address, before.tags ?? [], tags)) {
        const { requestId } = await step.call();
        const after = { ...before, tags: [...step.tags] };
        const { name: secretName, regionId } = address;
        const change = { before: faceOf(before), after: faceOf(after) };
        await this.changes.done(
          SecretUpdated,
          { actorId, secretName, regionId, kmsRequestId: requestId, ...change },
          requestId,
        );
        before = after;
      }
      return this.kms.describe(address);
    });
  }

  #steps(address: SecretAddress, before: readonly Tag[], wanted: readonly Tag[]): Step[] {
    const steps: Step[] = [];
    // Alibaba Cloud's own tags are nobody's to take away, and KMS would refuse all that are named with one.
    const gone = before
      .filter((old) => !isReservedTagKey(old.key) && !wanted.some(({ key }) => key === old.key))
      .map(({ key }) => key);
    let tags = before;
    for (const some of tensOf(gone)) {
      tags = tags.filter(({ key }) => !some.includes(key));
      steps.push({ tags, call: () => this.administration.untag(address, some) });
    }
    const changed = wanted.filter(({ key, value }) => !before.some((old) => old.key === key && old.value === value));
    for (const some of tensOf(changed)) {
      tags = [...tags.filter(({ key }) => !some.some((one) => one.key === key)), ...some];
      steps.push({ tags, call: () => this.administration.tag(address, some) });
    }
    return steps;
  }
}

function tensOf<Item>(items: readonly Item[]): Item[][] {
  const starts = Array.from({ length: Math.ceil(items.length / TAGS_A_CALL) }, (_, at) => at * TAGS_A_CALL);
  return starts.map((from) => items.slice(from, from + TAGS_A_CALL));
}
