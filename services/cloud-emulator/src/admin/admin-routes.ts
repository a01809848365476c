import { z } from 'zod';
import { FaultRule } from '../gateway/faults.js';
import { KmsInstance } from '../kms/key.js';
import { RotationBehaviour } from '../kms/rotation-behaviour.js';
import { Rules } from '../rules.js';
import { AccountId } from '../ram/ram-state.js';
import type { AccountState } from '../state/state.js';
import type { AdminParts } from './admin-parts.js';
import { AdminError } from './admin-error.js';
import { deleteRamUser, putRamPolicy, putRamRole, putRamUser } from './admin-ram.js';
import { deleteInstance, putInstance, readAccount, viewInstance } from './admin-instances.js';

export interface AdminRoute {
  readonly method: 'GET' | 'PUT' | 'DELETE' | 'POST';
  /** Below `/__emulator/`; `:name` stands for one segment. */
  readonly pattern: string;
  run(parts: AdminParts, values: Readonly<Record<string, string>>, body: unknown): object | Promise<object>;
}

/** The members to change; those that are not given stay. */
const Changes = z.record(z.string(), z.unknown());

/** A century: further off, times would have years that the API cannot write. */
const maxOffsetMs = 100 * 365 * 86_400_000;

const ClockChange = z.union([
  z.strictObject({ now: z.iso.datetime(), scope: z.enum(['all', 'resources']).default('all') }),
  z.strictObject({
    offsetMs: z.int().min(-maxOffsetMs).max(maxOffsetMs),
    scope: z.enum(['all', 'resources']).default('all'),
  }),
]);

/** The admin calls, described in the README. */
export const adminRoutes: readonly AdminRoute[] = [
  { method: 'GET', pattern: 'state', run: viewState },
  { method: 'GET', pattern: 'instances/:id/accounts/:user', run: (parts, values) => readAccount(parts, values) },
  { method: 'PUT', pattern: 'instances/:id', run: putInstance },
  { method: 'DELETE', pattern: 'instances/:id', run: deleteInstance },
  { method: 'PUT', pattern: 'kms-instances/:id', run: putKmsInstance },
  { method: 'GET', pattern: 'events', run: viewEvents },
  { method: 'PUT', pattern: 'clock', run: setClock },
  {
    method: 'PUT',
    pattern: 'rotation',
    run: ({ rotations }, _values, body) => {
      rotations.behave(RotationBehaviour.parse({ ...rotations.behaviour, ...Changes.parse(body) }));
      return { rotation: rotations.behaviour };
    },
  },
  {
    method: 'PUT',
    pattern: 'rules',
    run: ({ rules }, _values, body) => {
      rules.set(Rules.parse({ ...rules.current, ...Changes.parse(body) }));
      return { rules: rules.current };
    },
  },
  {
    method: 'PUT',
    pattern: 'faults',
    run: ({ faults }, _values, body) => {
      const rules = z.union([FaultRule.transform((rule) => [rule]), z.array(FaultRule).max(100)]).parse(body);
      faults.set(rules);
      return { faults: rules };
    },
  },
  {
    method: 'DELETE',
    pattern: 'faults',
    run: ({ faults }) => {
      faults.set([]);
      return { faults: [] };
    },
  },
  { method: 'GET', pattern: 'calls', run: ({ calls }) => calls.snapshot() },
  { method: 'GET', pattern: 'sts', run: issueToken },
  { method: 'PUT', pattern: 'ram/users/:name', run: putRamUser },
  { method: 'DELETE', pattern: 'ram/users/:name', run: deleteRamUser },
  { method: 'PUT', pattern: 'ram/roles/:name', run: putRamRole },
  { method: 'PUT', pattern: 'ram/policies/:name', run: putRamPolicy },
];

function viewState({ store, rules, rotations, clock }: AdminParts): object {
  const { accountId, regionId, kmsInstances, keys, instances } = store.own.current;
  const kmsInstanceId = kmsInstances[0]?.kmsInstanceId;
  return {
    accountId,
    regionId,
    kmsInstanceId,
    kmsInstances,
    encryptionKeyId: keys.find((key) => key.kmsInstanceId === kmsInstanceId)?.keyId,
    instances: instances.map(viewInstance),
    accounts: store.current.accounts.map(viewAccount),
    rules: rules.current,
    rotation: rotations.behaviour,
    now: clock.now().toISOString(),
  };
}

/** Whose is what, by ids and names. */
function viewAccount({ accountId, kmsInstances, keys, secrets, instances }: AccountState): object {
  return {
    accountId,
    kmsInstances: kmsInstances.map(({ kmsInstanceId }) => kmsInstanceId),
    keys: keys.map(({ keyId }) => keyId),
    secrets: secrets.map(({ name }) => name),
    instances: instances.map(({ instanceId }) => instanceId),
  };
}

/** Of one account after the other, the emulator's own first. */
function viewEvents({ store }: AdminParts): object {
  return { events: store.current.accounts.flatMap(({ events }) => events) };
}

const KmsInstanceChange = z.strictObject({
  state: KmsInstance.shape.state,
  /** Of a new one; the emulator's own unless given. */
  accountId: AccountId.optional(),
});

/** A new KMS instance, which has no keys, or the state of a known one. */
function putKmsInstance({ store, clock }: AdminParts, { id = '' }: Readonly<Record<string, string>>, body: unknown) {
  const { state, accountId } = KmsInstanceChange.parse(body);
  const owner = store.accounts.find(({ current }) =>
    current.kmsInstances.some(({ kmsInstanceId }) => kmsInstanceId === id),
  );
  if (owner && accountId !== undefined && accountId !== owner.accountId)
    throw new AdminError(409, 'the KMS instance is of another account');
  return (owner ?? store.of(accountId ?? store.own.accountId)).update(({ kmsInstances }) => {
    const known = kmsInstances.find(({ kmsInstanceId }) => kmsInstanceId === id);
    const result = { ...(known ?? { kmsInstanceId: id, createdAt: clock.now().toISOString() }), state };
    const all = known ? kmsInstances.map((one) => (one === known ? result : one)) : [...kmsInstances, result];
    return { next: { kmsInstances: all }, result };
  });
}

/** Scope `resources` leaves the time of signatures alone, so that clients with the true time go on working. */
async function setClock(parts: AdminParts, _values: unknown, body: unknown): Promise<object> {
  const change = ClockChange.parse(body);
  const clocks = change.scope === 'all' ? [parts.clock, parts.gatewayClock] : [parts.clock];
  for (const clock of clocks) {
    if ('now' in change) clock.setNow(new Date(change.now));
    else clock.setOffset(change.offsetMs);
  }
  await parts.schedule.tick();
  return { now: parts.clock.now().toISOString(), offsetMs: parts.clock.offsetMs };
}

/** Temporary credentials in the form that `@alicloud/credentials` reads from a credentials URI. They last an hour. */
function issueToken({ keyRing, gatewayClock, store }: AdminParts): object {
  const expiresAt = new Date(gatewayClock.now().getTime() + 3_600_000);
  const principal = { accountId: store.current.accountId, kind: 'root', name: '' } as const;
  const key = keyRing.issue(expiresAt, { principal });
  return {
    Code: 'Success',
    AccessKeyId: key.accessKeyId,
    AccessKeySecret: key.accessKeySecret,
    SecurityToken: key.session.securityToken,
    Expiration: expiresAt.toISOString(),
  };
}
