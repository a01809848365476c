import { waitFor } from '@sallyport/testing';
import { call, passwordSecret } from '../signed-request.suite.js';
import type { Keys } from '../signed-request.suite.js';
import { captured, startEmulator } from '../start-emulator.suite.js';
import type { Admin } from '../start-emulator.suite.js';

export const SecretName = 'acs/ecs/web-01';
type Fields = Record<string, string>;

/** An emulator with one secret, `acs/ecs/web-01`, of an instance that takes every change. */
export interface World {
  readonly admin: Admin;
  readonly endpoint: string;
  /** The answer of KMS, as the person, else as the account itself. */
  readonly ask: (action: string, parameters?: Fields, person?: Keys) => Promise<Record<string, unknown>>;
  /** The code of the refusal, or `OK`. */
  readonly code: (action: string, parameters?: Fields, person?: Keys) => Promise<string>;
  readonly user: (name: string, statements: object[], more?: object) => Promise<Keys & { arn: string }>;
}

export async function makeWorld(): Promise<World> {
  const { admin, emulator } = await startEmulator();
  const { endpoint } = emulator;
  await admin('PUT', `instances/${captured.instanceId}`, {
    ...{ name: 'web-1', address: '127.0.0.1', port: 22, regionId: 'cn-hangzhou' },
    assistant: { command: ['/bin/true'] },
  });
  const ask: World['ask'] = async (action, parameters = {}, person) =>
    (await call(endpoint, action, { SecretName, ...parameters }, '2016-01-20', person)).body;
  const code: World['code'] = async (...asked) => codeOf(await ask(...asked));
  const user: World['user'] = async (name, statements, more = {}) => {
    if (statements.length > 0) await admin('PUT', `ram/policies/of-${name}`, { Version: '1', Statement: statements });
    const policies = statements.length > 0 ? [`of-${name}`] : [];
    return (await admin('PUT', `ram/users/${name}`, { policies, ...more })) as unknown as Keys & { arn: string };
  };
  await ask('CreateSecret', passwordSecret());
  return { admin, endpoint, ask, code, user };
}

export const codeOf = (body: Record<string, unknown>): string => (body['Code'] as string | undefined) ?? 'OK';
export const another = (changes: Fields = {}): Fields => passwordSecret({ SecretName: 'acs/ecs/web-02', ...changes });
export const allow = (Action: string, more: object = {}): object => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
});
export const filter = (Key: string, ...Values: string[]): object => ({ Key, Values });
export const filters = (...list: object[]): Fields => ({ Filters: JSON.stringify(list) });
export const throttled = async (calls: number, one: () => Promise<string>): Promise<boolean> =>
  (await Promise.all(Array.from({ length: calls }, one))).some((code) => code.includes('Throttling'));
export const rotateToItsEnd = async ({ ask, admin }: World): Promise<Record<string, unknown>> => {
  await ask('RotateSecret', { VersionId: 'v2' });
  const events = async () =>
    (await admin('GET', 'events')) as { events: { content: Record<string, unknown> & { failureInfo?: object } }[] };
  await waitFor(async () => (await events()).events.length > 0, { what: 'the end of the rotation' });
  return (await events()).events[0]?.content ?? {};
};
export const counts = async ({ ask }: World, action: string, key: string, wanted: string[]): Promise<unknown[]> =>
  Promise.all(wanted.map(async (value) => (await ask(action, filters(filter(key, value))))['TotalCount']));

export interface Trial {
  /** What can be seen of the rule. */
  readonly look: (world: World) => Promise<unknown>;
  /** What is seen with each value; the first is the one without being told. */
  readonly seen: readonly (readonly [value: unknown, seen: unknown])[];
}
