import { logger } from '@sallyport/telemetry';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../clock.fake.js';
import { newSecret } from '../credential/conversation.suite.js';
import { KmsAdministrationClient } from './kms-administration-client.js';
import { KmsCalls } from './kms-calls.js';
import type { KmsFailure } from './kms-error.js';
import { toKmsError } from './kms-error.js';
import type { KmsCall } from './kms-gateway.js';
import { KmsGateway } from './kms-gateway.js';
import { KmsPace } from './kms-pace.js';

type Outcome = { fails: KmsFailure } | { answers: object };

/** Answers each call with the next outcome. */
class ScriptedGateway extends KmsGateway {
  constructor(readonly left: Outcome[]) {
    super();
  }

  override async call({ action }: KmsCall): Promise<unknown> {
    const next = await Promise.resolve(this.left.shift());
    if (!next) throw new Error(`${action} was not expected`);
    if ('fails' in next) throw toKmsError(action, next.fails);
    return next.answers;
  }
}

const lost: Outcome = { fails: { kmsCode: 'ECONNRESET', answered: false, httpStatus: 0 } };
const refused = (kmsCode: string): Outcome => ({
  fails: { kmsCode, answered: true, httpStatus: 409, requestId: 'r-2' },
});
const secret = newSecret('password');
const versions = (VersionId: string): Outcome => ({
  answers: {
    VersionIds: { VersionId: [{ VersionId, CreateTime: '2026-11-27T00:00:00Z', VersionStages: { VersionStage: [] } }] },
    TotalCount: 1,
  },
});
const planned: Outcome = { answers: { SecretName: secret.name, PlannedDeleteTime: '2026-12-27T00:00:00Z' } };
const [exists, inWindow, notFound, inUse] = [
  refused('Rejected.ResourceExist'),
  refused('Rejected.ResourceInDeleteWindow'),
  refused('Forbidden.ResourceNotFound'),
  refused('Rejected.ResourceInUse'),
];

type Act = (administration: KmsAdministrationClient) => Promise<unknown>;
const create: Act = (administration) => administration.create(secret);
const remove: Act = (administration) => administration.delete(secret, { force: true });
const plan: Act = (administration) => administration.delete(secret, { force: false });
const restore: Act = (administration) => administration.restore(secret);

async function outcomeOf(act: Act, script: Outcome[]): Promise<unknown> {
  const gateway = new ScriptedGateway(script);
  const pace = new KmsPace({ quotaPercent: 1_000, maxInFlight: 8 });
  const patience = { tries: 2, tryMs: 1_000, totalMs: 10_000 };
  const calls = new KmsCalls(gateway, pace, patience, new FakeClock(), logger('test', 'silent'));
  const outcome = await act(new KmsAdministrationClient(calls)).catch((error: unknown) => error);
  expect(gateway.left).toEqual([]);
  return outcome;
}

describe('a change whose answer is lost, and which is refused when it is tried again', () => {
  it.each<[string, Act, Outcome[], object]>([
    ['a creation of this version', create, [lost, exists, versions('v1')], { requestId: 'r-2' }],
    ['a deletion for ever', remove, [lost, notFound], { requestId: 'r-2' }],
    [
      'a deletion with a window',
      plan,
      [lost, inWindow, planned],
      { requestId: 'r-2', plannedDeleteAt: '2026-12-27T00:00:00.000Z' },
    ],
    ['a restoration', restore, [lost, inUse], { requestId: 'r-2' }],
  ])('was done the first time: %s', async (_, act, script, answer) => {
    expect(await outcomeOf(act, script)).toEqual(answer);
  });

  it.each<[string, Act, Outcome[], string]>([
    ['a creation, when the secret has another version', create, [lost, exists, versions('other')], 'secret.exists'],
    ['a deletion for ever of what waits for its deletion', remove, [lost, inWindow], 'secret.deleted'],
    ['a deletion with a window of what is gone', plan, [lost, notFound], 'secret.not-found'],
    ['a restoration of what is gone', restore, [lost, notFound], 'secret.not-found'],
  ])('was not done: %s', async (_, act, script, code) => {
    expect(await outcomeOf(act, script)).toMatchObject({ code });
  });
});

it.each<[string, Act, Outcome[], string]>([
  ['a creation', create, [exists], 'secret.exists'],
  ['a deletion for ever', remove, [notFound], 'secret.not-found'],
  ['a deletion with a window', plan, [inWindow], 'secret.deleted'],
  ['a restoration', restore, [inUse], 'secret.not-deleted'],
])('what is refused the first time is refused, and nothing is looked at: %s', async (_, act, script, code) => {
  expect(await outcomeOf(act, script)).toMatchObject({ code });
});
