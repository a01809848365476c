import { randomUUID } from 'node:crypto';
import { AccountId, HostId, ShowSecretStatesV1, type SecretState } from '@sallyport/contracts';
import { InMemoryBus, RecordingAuditPublisher } from '@sallyport/messaging/testing';
import { describe, expect, it } from 'vitest';
import type { StoredAccount } from '../account/accounts.js';
import { FakeTransaction } from '../transaction/transaction.fake.js';
import { WatchSecrets } from './watch-secrets.js';

const hostId = HostId.parse(randomUUID());
const account = (number: number, secretState: SecretState): StoredAccount => ({
  id: AccountId.parse(`00000000-0000-4000-8000-${String(number).padStart(12, '0')}`),
  ...{ hostId, secretName: `acs/ecs/${number}`, userName: 'root', kind: 'password', regionId: 'cn-hangzhou' },
  secretState,
});

/**
 * Looks once at accounts whose secrets all stand so in KMS.
 * @param now undefined: the broker does not answer
 * @param isMarkedFirst another replica is faster than this one
 */
async function look(stored: readonly StoredAccount[], now: SecretState | undefined, isMarkedFirst = false) {
  const marked: SecretState[] = [];
  const accounts = {
    after: (id: AccountId | undefined, limit: number) =>
      Promise.resolve(stored.filter((one) => id === undefined || one.id > id).slice(0, limit)),
    setSecretState: (_: AccountId, _before: SecretState, after: SecretState) => {
      if (!isMarkedFirst) marked.push(after);
      return Promise.resolve(!isMarkedFirst);
    },
  };
  const bus = new InMemoryBus();
  if (now) bus.handle(ShowSecretStatesV1, ({ names }) => ({ items: names.map((name) => ({ name, state: now })) }));
  const audit = new RecordingAuditPublisher();
  const failed: string[] = [];
  const counts = await new WatchSecrets(new FakeTransaction(), accounts, bus, audit).run((regionId, { code }) => {
    failed.push(`${regionId}: ${code}`);
  });
  return { marked, counts, failed, recorded: audit.named('account.secret-state-changed') };
}

describe('WatchSecrets', () => {
  it.each<[SecretState, SecretState, 'marked' | 'on record' | 'nothing']>([
    ['ok', 'rotation-failed', 'on record'],
    ['ok', 'deletion-planned', 'on record'],
    ['ok', 'gone', 'on record'],
    ['rotation-failed', 'ok', 'on record'],
    ['deletion-planned', 'ok', 'on record'],
    ['gone', 'ok', 'on record'],
    ['unknown', 'gone', 'on record'],
    ['unknown', 'ok', 'marked'],
    ['ok', 'ok', 'nothing'],
    ['gone', 'unknown', 'nothing'],
  ])('from %s to %s: %s', async (before, after, what) => {
    const { marked, counts, failed, recorded } = await look([account(1, before)], after);
    expect(failed).toEqual([]);
    expect(marked).toEqual(what === 'nothing' ? [] : [after]);
    expect(counts[after === 'unknown' ? before : after]).toBe(1);
    expect(recorded).toMatchObject(what === 'on record' ? [{ hostId, secretName: 'acs/ecs/1', before, after }] : []);
  });

  it('puts nothing on record that another replica marked first', async () => {
    expect((await look([account(1, 'ok')], 'gone', true)).recorded).toEqual([]);
  });

  it('counts what it could not look at as it stood, and says so', async () => {
    const { marked, counts, failed } = await look([account(1, 'gone'), account(2, 'ok')], undefined);
    expect(marked).toEqual([]);
    expect(counts).toMatchObject({ gone: 1, ok: 1 });
    expect(failed).toEqual(['cn-hangzhou: service.unavailable']);
  });

  it('looks at all accounts, however many there are', async () => {
    const stored = Array.from({ length: 450 }, (_, number) => account(number, 'ok'));
    const { counts, recorded } = await look(stored, 'gone');
    expect(counts).toEqual({ ok: 0, 'rotation-failed': 0, 'deletion-planned': 0, gone: 450, unknown: 0 });
    expect(new Set(recorded.map(({ accountId }) => accountId)).size).toBe(450);
  });
});
