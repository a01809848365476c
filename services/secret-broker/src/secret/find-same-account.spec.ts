import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SystemClock } from '../clock.js';
import { newSecret } from '../credential/conversation.suite.js';
import { FairGate } from '../kms/fair-gate.js';
import { FakeKms } from '../kms/kms.fake.js';
import { FindSameAccount } from './find-same-account.js';
import { SecretIndex } from './secret-index.js';
import { newIndex } from './secret-index.suite.js';

const notCompared = { code: 'not-compared', message: expect.stringContaining('still being looked at') as string };

describe('FindSameAccount', () => {
  const [secret, other] = ['a', 'b'].map((last) => newSecret('password', { name: `acs/ecs/${last}` }));
  if (!secret || !other) throw new Error('no secrets');
  const { regionId, name, instanceId } = secret;
  let kms: FakeKms;

  beforeEach(async () => {
    vi.useFakeTimers();
    kms = new FakeKms();
    await kms.create(secret);
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  /** What comes of it once everybody has lost patience. */
  const atLast = async <T>(answer: Promise<T>): Promise<T> => {
    await vi.advanceTimersByTimeAsync(10_000);
    return answer;
  };
  /** Its bucket has one token at first, and the next comes after 100 s. */
  const slowIndex = () => new SecretIndex(kms, new FairGate({ inFlight: 8, perSecond: 0.01 }), new SystemClock());

  it('says while the region is looked at for the first time that it cannot know', async () => {
    await kms.create(other);
    const sameAccount = new FindSameAccount(kms, slowIndex());
    const looked = await atLast(sameAccount.warn(await kms.describe(secret)));
    expect(looked.warnings).toMatchObject([notCompared]);
    expect(await atLast(sameAccount.run({ regionId, name, instanceId }, 'root'))).toMatchObject([notCompared]);
  });

  it('says that it cannot know when a list that begins after the change takes too long', async () => {
    const index = newIndex(kms);
    const sameAccount = new FindSameAccount(kms, index);
    await index.all(regionId);
    kms.list = () => new Promise(() => undefined);
    const changed = atLast(sameAccount.warn(await kms.describe(secret), { changed: true }));
    expect((await changed).warnings).toMatchObject([notCompared]);
    expect(await atLast(sameAccount.run({ regionId, name, instanceId }, 'root'))).toMatchObject([notCompared]);
  });

  it('says of another secret of the instance whose value cannot be read that it may be for the account', async () => {
    await kms.create(other);
    const readValue = kms.readValue.bind(kms);
    kms.readValue = (address, stage) => {
      if (address.name === other.name)
        kms.failNext({ kmsCode: 'Forbidden.NoPermission', answered: true, httpStatus: 403 });
      return readValue(address, stage);
    };
    const { warnings } = await atLast(new FindSameAccount(kms, newIndex(kms)).warn(await kms.describe(secret)));
    const message = expect.stringContaining('kms.denied') as string;
    expect(warnings).toEqual([{ code: 'same-instance-unread', secretName: other.name, message }]);
  });

  it('says that it cannot know while there is a secret that KMS does not let us describe', async () => {
    await kms.create(other);
    const described = await kms.describe(secret);
    const describe = kms.describe.bind(kms);
    kms.describe = (address) => {
      if (address.name === other.name)
        kms.failNext({ kmsCode: 'Forbidden.NoPermission', answered: true, httpStatus: 403 });
      return describe(address);
    };
    const sameAccount = new FindSameAccount(kms, newIndex(kms));
    const unknown = [{ code: 'not-compared', message: expect.stringContaining('does not let') as string }];
    expect((await atLast(sameAccount.warn(described))).warnings).toEqual(unknown);
    expect(await atLast(sameAccount.run({ regionId, name, instanceId }, 'root'))).toEqual(unknown);
    await kms.delete(other, { force: false });
    expect(await atLast(sameAccount.warn(described, { changed: true }))).not.toHaveProperty('warnings');
  });

  it('says of a secret whose own value cannot be read that it was not compared', async () => {
    await kms.create(other);
    const sameAccount = new FindSameAccount(kms, newIndex(kms));
    const described = await kms.describe(secret);
    await kms.delete(secret, { force: false });
    const { warnings } = await atLast(sameAccount.warn(described));
    expect(warnings).toMatchObject([
      { code: 'not-compared', message: expect.stringContaining('secret.deleted') as string },
    ]);
  });
});
