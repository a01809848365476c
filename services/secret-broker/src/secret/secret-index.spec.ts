import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock.fake.js';
import { newSecret } from '../credential/conversation.suite.js';
import { FairGate } from '../kms/fair-gate.js';
import { FakeKms } from '../kms/kms.fake.js';
import { SecretIndex } from './secret-index.js';
import { newIndex } from './secret-index.suite.js';
import { ShowSecretStates } from './show-secret-states.js';

const regionId = 'cn-hangzhou';
const denied = { kmsCode: 'Forbidden.NoPermission', answered: true, httpStatus: 403 };
const down = { kmsCode: 'ECONNREFUSED', answered: false, httpStatus: 0 };

describe('SecretIndex', () => {
  let clock: FakeClock;
  let kms: FakeKms;
  let index: SecretIndex;
  const secret = newSecret('password', { name: 'acs/ecs/a', instanceId: 'i-1' });
  const other = newSecret('ssh-key', { name: 'acs/ecs/b', instanceId: 'i-2' });
  const names = async () => (await index.all(regionId)).items.map(({ name }) => name);
  const described = () => kms.calls.filter((call) => call === 'DescribeSecret').length;

  beforeEach(async () => {
    clock = new FakeClock();
    kms = new FakeKms(() => clock.now());
    index = newIndex(kms, clock);
    await kms.create(other);
    await kms.create(secret);
    clock.pass(60_000);
    kms.calls.length = 0;
  });

  it('knows of each secret its instance and kind, by name, and describes it once', async () => {
    const facts = [
      { name: 'acs/ecs/a', instanceId: 'i-1', kind: 'password' },
      { name: 'acs/ecs/b', instanceId: 'i-2', kind: 'ssh-key' },
    ];
    for (let n = 0; n < 3; n++) {
      expect(await index.all(regionId)).toMatchObject({ items: facts });
      clock.pass(60_000);
    }
    expect((await index.all(regionId)).scan).toBeUndefined();
    expect(described()).toBe(2);
  });

  it('answers from memory within a second, and never asks for a value', async () => {
    await index.all(regionId);
    const calls = kms.calls.length;
    await index.all(regionId);
    expect(kms.calls).toHaveLength(calls);
    expect(kms.calls).not.toContain('GetSecretValue');
  });

  it('sees new, changed and deleted secrets at the next look, and describes those alone', async () => {
    await index.all(regionId);
    clock.pass(60_000);
    await kms.create({ ...secret, name: 'acs/ecs/c' });
    await kms.update(secret, { description: 'changed' });
    await kms.delete(other, { force: true });
    const { items } = await index.all(regionId);
    expect(items).toMatchObject([{ name: 'acs/ecs/a', description: 'changed' }, { name: 'acs/ecs/c' }]);
    expect(described()).toBe(4);
  });

  it('describes each again after ten minutes, as the list may not show that a rotation failed', async () => {
    await index.all(regionId);
    clock.pass(600_001);
    await index.refresh(regionId);
    expect(described()).toBe(4);
  });

  it('keeps nobody waiting while it describes each again, whose answer shows what changed', async () => {
    await index.all(regionId);
    clock.pass(600_001);
    const describe = kms.describe.bind(kms);
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    kms.describe = async (address) => {
      if (address.name !== 'acs/ecs/c') await held;
      return describe(address);
    };
    await kms.create({ ...secret, name: 'acs/ecs/c' });
    expect(await names()).toEqual(['acs/ecs/a', 'acs/ecs/b', 'acs/ecs/c']);
    clock.pass(2_000);
    await kms.delete({ regionId, name: 'acs/ecs/c' }, { force: true });
    expect(await names()).toEqual(['acs/ecs/a', 'acs/ecs/b']);
    expect(described()).toBe(3);
    goOn();
    await index.refresh(regionId);
    expect(described()).toBe(5);
  });

  it('sees what changes twice within a second of KMS', async () => {
    await kms.update(secret, { description: 'first' });
    await index.all(regionId);
    await kms.update(secret, { description: 'second' });
    clock.pass(2_000);
    expect((await index.all(regionId)).items[0]).toMatchObject({ description: 'second' });
    const once = described();
    clock.pass(4_000);
    await index.all(regionId);
    clock.pass(4_000);
    await index.all(regionId);
    expect(described()).toBe(once + 1);
  });

  it('sees at once what was changed through it', async () => {
    await index.all(regionId);
    await kms.create({ ...secret, name: 'acs/ecs/c' });
    await index.note(regionId, 'acs/ecs/c');
    expect(await names()).toEqual(['acs/ecs/a', 'acs/ecs/b', 'acs/ecs/c']);
    await kms.delete(secret, { force: true });
    await index.note(regionId, secret.name);
    expect(await names()).toEqual(['acs/ecs/b', 'acs/ecs/c']);
  });

  /** Holds a call of KMS until it is let go. */
  const hold = (call: 'list' | 'describe'): { begun: Promise<void>; goOn: () => void } => {
    const real = kms[call].bind(kms) as (...args: unknown[]) => Promise<unknown>;
    let [begin, goOn] = [() => undefined, () => undefined] as [() => void, () => void];
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const late = async (...args: unknown[]): Promise<unknown> => {
      // It is as KMS answers it now that comes late.
      const answer = await real(...args);
      begin();
      await held;
      return answer;
    };
    Object.assign(kms, { [call]: late });
    return { begun, goOn };
  };

  it('does not lose sight of what was changed through it while a list from before is under way', async () => {
    await index.all(regionId);
    clock.pass(60_000);
    const { begun, goOn } = hold('list');
    const asked = index.all(regionId);
    await begun;
    await kms.create({ ...secret, name: 'acs/ecs/c' });
    const { plannedDeleteAt } = await kms.delete(secret, { force: false });
    await kms.delete(other, { force: true });
    for (const name of ['acs/ecs/c', secret.name, other.name]) await index.note(regionId, name);
    goOn();
    const { items } = await asked;
    expect(items).toMatchObject([{ name: 'acs/ecs/a', plannedDeleteAt }, { name: 'acs/ecs/c' }]);
    clock.pass(60_000);
    expect(await names()).toEqual(['acs/ecs/a', 'acs/ecs/c']);
  });

  it('lets whoever asks while what is new is described wait for that too', async () => {
    await index.all(regionId);
    clock.pass(60_000);
    await kms.create({ ...secret, name: 'acs/ecs/c' });
    const { begun, goOn } = hold('describe');
    const first = names();
    await begun;
    const second = names();
    goOn();
    const all = ['acs/ecs/a', 'acs/ecs/b', 'acs/ecs/c'];
    expect([await first, await second]).toEqual([all, all]);
  });

  it('lists anew for whoever wants that, although a list is fresh or under way', async () => {
    await index.all(regionId);
    const { begun, goOn } = hold('list');
    const before = index.all(regionId, { anew: true });
    await begun;
    await kms.create({ ...secret, name: 'acs/ecs/c' });
    const after = index.all(regionId, { anew: true });
    goOn();
    expect((await before).items).toHaveLength(2);
    expect(await after).toMatchObject({ items: [{}, {}, { name: 'acs/ecs/c' }] });
    expect(await after).not.toHaveProperty('late');
  });

  it('leaves out secrets of other kinds, also when KMS does not', async () => {
    const list = kms.list.bind(kms);
    kms.list = async (...args) => {
      const page = await list(...args);
      return { ...page, items: [{ name: 'plain', regionId, type: 'Generic' }, ...page.items] };
    };
    expect(await names()).toEqual(['acs/ecs/a', 'acs/ecs/b']);
    expect(described()).toBe(2);
  });

  it('leaves out what is gone between the list and the description', async () => {
    const list = kms.list.bind(kms);
    kms.list = async (...args) => {
      const page = await list(...args);
      await kms.delete(other, { force: true });
      return page;
    };
    expect(await names()).toEqual(['acs/ecs/a']);
    expect(await index.standing(regionId, other.name)).toEqual({ state: 'gone' });
  });

  it('B6: stops to describe once KMS fails, however many are left', async () => {
    for (let n = 0; n < 40; n++) await kms.create({ ...secret, name: `acs/ecs/more-${n}` });
    const list = kms.list.bind(kms);
    kms.list = (...args) => list(...args).finally(kms.failNext.bind(kms, down));
    await expect(index.refresh(regionId)).rejects.toMatchObject({ code: 'kms.unreachable' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(described()).toBeLessThan(20);
  });

  it('B6: says that KMS is down, and finds its way back', async () => {
    kms.failNext(down);
    await expect(index.all(regionId)).rejects.toMatchObject({ code: 'kms.unreachable' });
    expect(await names()).toEqual(['acs/ecs/a', 'acs/ecs/b']);
  });

  it('is not kept from the others by one that it may not look at', async () => {
    const list = kms.list.bind(kms);
    kms.list = async (...args) => {
      const page = await list(...args);
      kms.failNext(denied);
      return page;
    };
    expect(await index.all(regionId)).toMatchObject({ items: [{ name: 'acs/ecs/a' }, { name: 'acs/ecs/b' }] });
  });

  it('keeps to its rate, and shows how far the first look got meanwhile', async () => {
    // The bucket has one token at first, and the next comes after 100 s.
    index = new SecretIndex(kms, new FairGate({ inFlight: 8, perSecond: 0.01 }), clock);
    const asked = index.refresh(regionId);
    const list = async () => {
      const { items, scan } = await index.all(regionId);
      return { items: items.length, scan };
    };
    await Promise.race([asked, new Promise((resolve) => setImmediate(resolve))]);
    // All that is known by now is answered, as the list is fresh.
    expect(await list()).toEqual({ items: 1, scan: { known: 1, total: 2 } });
    expect(described()).toBe(1);
  });

  it('is kept fresh for regions that somebody asked for, and for no others', async () => {
    await index.refreshAll();
    expect(kms.calls).toEqual([]);
    await index.all(regionId);
    clock.pass(60_000);
    kms.calls.length = 0;
    await index.refreshAll();
    expect(kms.calls).toEqual(['ListSecrets']);
    clock.pass(3_600_000);
    await index.refreshAll();
    expect(kms.calls).toEqual(['ListSecrets']);
  });

  describe('how secrets stand', () => {
    let show: ShowSecretStates;
    beforeEach(() => {
      show = new ShowSecretStates(kms, index);
    });
    const states = async (versions = false) => {
      const { items } = await show.run(regionId, [secret.name, 'acs/ecs/none'], { versions });
      return items;
    };

    it('tells well from gone', async () => {
      expect(await states()).toEqual([
        { name: secret.name, state: 'ok' },
        { name: 'acs/ecs/none', state: 'gone' },
      ]);
    });

    it('tells that a rotation failed, and that deletion is planned', async () => {
      kms.rotations = 'failed';
      clock.pass(1_000);
      await kms.rotate(secret, 'v2');
      expect(await states()).toMatchObject([{ state: 'rotation-failed' }, {}]);
      clock.pass(1_001);
      const { plannedDeleteAt } = await kms.delete(secret, { force: false });
      expect(await states()).toMatchObject([{ state: 'deletion-planned', plannedDeleteAt }, {}]);
    });

    it('tells the current version, once for each rotation', async () => {
      expect(await states(true)).toMatchObject([{ currentVersionId: 'v1' }, {}]);
      clock.pass(2_000);
      await kms.rotate(secret, 'v2');
      await index.note(regionId, secret.name);
      for (let n = 0; n < 2; n++) expect(await states(true)).toMatchObject([{ currentVersionId: 'v2' }, {}]);
      expect(kms.calls.filter((call) => call === 'ListSecretVersionIds')).toHaveLength(2);
    });

    it('tells the version of a secret that was made anew under the name of one that is gone', async () => {
      expect(await states(true)).toMatchObject([{ currentVersionId: 'v1' }, {}]);
      await kms.delete(secret, { force: true });
      clock.pass(2_000);
      await kms.create({ ...secret, versionId: 'another' });
      expect(await states(true)).toMatchObject([{ currentVersionId: 'another' }, {}]);
    });

    it('does not call a secret gone because KMS does not answer', async () => {
      await index.all(regionId);
      kms.failNext(down);
      expect(await states()).toMatchObject([{ state: 'ok' }, { state: 'unknown' }]);
    });
  });
});
