import { randomUUID } from 'node:crypto';
import type { Authorization, Host } from '@sallyport/contracts';
import { AccountId, AuthorizationId, HostId, ProtocolPolicy, UserId } from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import type { StoredAccount } from '../account/accounts.js';
import type { Candidate } from './choose-target.js';
import { chooseTarget } from './choose-target.js';

const now = new Date('2026-01-01T12:00:00Z');
const userId = UserId.parse(randomUUID());

function candidate(fields: {
  name?: string;
  status?: Host['status'];
  accounts?: Partial<StoredAccount>[];
  authorizations?: Partial<Authorization>[];
}): Candidate {
  const { name = 'web-1', status = 'active', accounts = [{}], authorizations = [{}] } = fields;
  const hostId = HostId.parse(randomUUID());
  const [address, port] = ['10.0.0.1', 22];
  return {
    host: {
      id: hostId,
      name,
      instanceId: `i-${name}`,
      regionId: 'cn-hangzhou',
      address,
      port,
      status,
      osType: 'linux',
      source: 'ecs',
      hostKeyMode: 'pin-on-first-use',
      cloud: { name, address, port },
    },
    accounts: accounts.map((account, i) => ({
      id: AccountId.parse(randomUUID()),
      hostId,
      secretName: `acs/ecs/${name}-${i}`,
      regionId: 'cn-hangzhou',
      userName: 'root',
      kind: 'password',
      secretState: 'ok' as const,
      ...account,
    })),
    authorizations: authorizations.map((authorization) => ({
      id: AuthorizationId.parse(randomUUID()),
      userId,
      hostId,
      policy: ProtocolPolicy.parse({}),
      limits: {},
      ...authorization,
    })),
  };
}
const accountId = AccountId.parse(randomUUID());

describe('chooseTarget', () => {
  it('takes the only account when none is named, and the named one otherwise', () => {
    const one = candidate({});
    expect(chooseTarget([one], undefined, now)).toMatchObject({ host: one.host, account: one.accounts[0] });
    const two = candidate({ accounts: [{ userName: 'root' }, { userName: 'deploy' }] });
    expect(chooseTarget([two], 'deploy', now)).toMatchObject({ account: two.accounts[1] });
  });

  it('asks which, and names only what the user may use', () => {
    const three = candidate({
      accounts: [{ userName: 'root', id: accountId }, { userName: 'deploy' }, { userName: 'backup' }],
    });
    expect(chooseTarget([three], undefined, now)).toMatchObject({
      reason: 'ambiguous',
      advice: 'you may log on to web-1 as backup, deploy, root: say which, as in USER@backup@web-1',
    });
    const onlyRoot = { ...three, authorizations: three.authorizations.map((a) => ({ ...a, accountIds: [accountId] })) };
    expect(chooseTarget([onlyRoot], undefined, now)).toMatchObject({ account: { userName: 'root' } });
  });

  it('asks which host, when an address or a name stands for several that the user may use', () => {
    const [a, b, notMine] = [candidate({ name: 'a' }), candidate({ name: 'b' }), candidate({ authorizations: [] })];
    expect(chooseTarget([a, b, notMine], undefined, now)).toMatchObject({
      reason: 'ambiguous',
      advice: 'several hosts are meant: a (i-a), b (i-b): say which, by name or instance id',
    });
    expect(chooseTarget([a, notMine], undefined, now)).toMatchObject({ host: { name: 'a' } });
  });

  it('takes a key before a password of the same user, and asks an administrator about two alike', () => {
    const both = candidate({ accounts: [{}, { kind: 'ssh-key' }] });
    expect(chooseTarget([both], undefined, now)).toMatchObject({ account: { kind: 'ssh-key' } });
    const alike = candidate({ accounts: [{}, {}] });
    expect(chooseTarget([alike], 'root', now)).toMatchObject({ reason: 'ambiguous', advice: /acs\/ecs\/web-1-0, acs/ });
  });

  it.each<[string, Partial<Authorization>, string]>([
    ['before it begins', { validFrom: '2026-01-01T12:00:00.001Z' }, 'not-yet-valid'],
    ['at its end', { validUntil: '2026-01-01T12:00:00.000Z' }, 'expired'],
    ['for another account', { accountIds: [accountId] }, 'forbidden'],
    ['for accounts that are gone', { accountIds: [] }, 'forbidden'],
  ])('does not take an authorization %s', (_, authorization, reason) => {
    const one = candidate({ authorizations: [authorization] });
    expect(chooseTarget([one], undefined, now)).toEqual({ reason, hostId: one.host.id });
  });

  it('takes an authorization at its very beginning, and any live one among others', () => {
    const one = candidate({ authorizations: [{ validFrom: '2026-01-01T12:00:00.000Z' }] });
    expect(chooseTarget([one], undefined, now)).toMatchObject({ host: one.host });
    const mixed = candidate({ authorizations: [{ validUntil: '2020-01-01T00:00:00Z' }, {}] });
    expect(chooseTarget([mixed], undefined, now)).toMatchObject({ host: mixed.host });
  });

  it('says all that are live for the account, and no other', () => {
    const [forAll, expired, forAnother, forThis] = [
      {},
      { validUntil: '2020-01-01T00:00:00Z' },
      { accountIds: [] },
      { accountIds: [accountId] },
    ];
    const one = candidate({ accounts: [{ id: accountId }], authorizations: [forAll, expired, forAnother, forThis] });
    const [first, , , last] = one.authorizations;
    expect(chooseTarget([one], undefined, now)).toMatchObject({ authorizations: [first, last] });
    expect(chooseTarget([one], undefined, now)).toHaveProperty('authorizations.length', 2);
  });

  it('A4: tells auditors what is absent and what is forbidden', () => {
    expect(chooseTarget([], undefined, now)).toEqual({ reason: 'absent' });
    const forbidden = candidate({ authorizations: [] });
    expect(chooseTarget([forbidden], undefined, now)).toEqual({ reason: 'forbidden', hostId: forbidden.host.id });
    const noSuchAccount = candidate({});
    expect(chooseTarget([noSuchAccount], 'deploy', now)).toEqual({ reason: 'absent', hostId: noSuchAccount.host.id });
  });

  it('refuses a host that the cloud no longer names, and prefers one that it does', () => {
    const [missing, present] = [candidate({ name: 'old', status: 'missing' }), candidate({ name: 'new' })];
    expect(chooseTarget([missing], undefined, now)).toEqual({ reason: 'host-missing', hostId: missing.host.id });
    expect(chooseTarget([missing, present], undefined, now)).toMatchObject({ host: { name: 'new' } });
  });
});
