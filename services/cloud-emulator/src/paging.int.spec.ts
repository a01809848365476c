import { beforeAll, describe, expect, it } from 'vitest';
import { call, passwordSecret } from './signed-request.suite.js';
import { startEmulator } from './start-emulator.suite.js';
import type { Admin } from './start-emulator.suite.js';

const RegionId = 'cn-hangzhou';
type Fields = Record<string, string>;
let admin: Admin;
let endpoint: string;
beforeAll(async () => {
  const started = await startEmulator();
  ({ admin } = started);
  ({ endpoint } = started.emulator);
});
const codeOf = ({ Code }: Record<string, unknown>): unknown => Code ?? 'OK';
const named = (name: (number: number) => string, count: number, value: string): Fields =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [name(index + 1), `${value}${index}`]));

describe('ListTagResources', () => {
  const resources = { RegionId, ResourceType: 'secret' };
  const list = async (more: Fields = {}) => (await call(endpoint, 'ListTagResources', { ...resources, ...more })).body;
  const rowsOf = ({ TagResources }: Record<string, unknown>) =>
    (TagResources as { TagResource: { ResourceId: string; TagKey: string }[] }).TagResource;

  it('gives 200 rows a page, each once, and refuses a token that it did not give', async () => {
    const Tags = JSON.stringify(Array.from({ length: 20 }, (_, index) => ({ TagKey: `k${index}`, TagValue: 'v' })));
    for (let number = 1; number <= 11; number += 1)
      await call(endpoint, 'CreateSecret', passwordSecret({ SecretName: `acs/ecs/s${number}`, Tags }));
    const first = await list();
    expect(rowsOf(first)).toHaveLength(200);
    const second = await list({ NextToken: String(first['NextToken']) });
    expect([rowsOf(second).length, second['NextToken']]).toEqual([20, '']);
    const all = [...rowsOf(first), ...rowsOf(second)].map(({ ResourceId, TagKey }) => `${ResourceId} ${TagKey}`);
    expect(new Set(all).size).toBe(220);
    for (const NextToken of ['x', 'bmV4dDotMQ', 'bmV4dDoxMjM0NTY3ODkwMQ', '%00', '…'])
      expect([NextToken, codeOf(await list({ NextToken }))]).toEqual([NextToken, 'InvalidParameter']);
    const ten = await list(named((number) => `ResourceId.${number}`, 10, 'acs/ecs/s'));
    expect([rowsOf(ten).length, ten['NextToken']]).toEqual([180, '']); // there is no s0
  });

  it('and the calls that tag refuse more than 50 resources, 20 tags and 20 tag keys', async () => {
    const one = { 'ResourceId.1': 'acs/ecs/s1' };
    const ask = async (action: string, more: Fields) =>
      codeOf((await call(endpoint, action, { ...resources, ...more })).body);
    const many = named((number) => `ResourceId.${number}`, 51, 'acs/ecs/s');
    for (const action of ['ListTagResources', 'TagResources', 'UntagResources'])
      expect(await ask(action, { ...many, 'Tag.1.Key': 'a', 'TagKey.1': 'a' })).toBe('InvalidParameter');
    const tags = named((number) => `Tag.${number}.Key`, 21, 'k');
    expect(await ask('TagResources', { ...one, ...tags })).toBe('InvalidParameter');
    expect(await ask('ListTagResources', tags)).toBe('InvalidParameter');
    expect(await ask('UntagResources', { ...one, ...named((number) => `TagKey.${number}`, 21, 'k') })).toBe(
      'InvalidParameter',
    );
    expect(rowsOf(await list(one))).toHaveLength(20); // none was taken away
  });
});

it('lists number their pages from 1: each thing once, none after the last', async () => {
  for (let number = 1; number <= 4; number += 1)
    await admin('PUT', `instances/i-extra${number}`, {
      name: `extra-${number}`,
      address: '10.0.0.1',
      port: 22,
      regionId: RegionId,
    });
  await Promise.all(Array.from({ length: 4 }, () => call(endpoint, 'CreateKey', {})));
  const cases: [string, string, (body: Record<string, unknown>) => object[]][] = [
    ['DescribeInstances', '2014-05-26', ({ Instances }) => (Instances as { Instance: object[] }).Instance],
    ['ListKeys', '2016-01-20', ({ Keys }) => (Keys as { Key: object[] }).Key],
    ['ListSecrets', '2016-01-20', ({ SecretList }) => (SecretList as { Secret: object[] }).Secret],
  ];
  for (const [action, version, itemsOf] of cases) {
    const page = async (PageNumber: number) =>
      (await call(endpoint, action, { RegionId, PageSize: '2', PageNumber: String(PageNumber) }, version)).body;
    const total = Number((await page(1))['TotalCount']);
    expect(total, action).toBeGreaterThan(4);
    const pages = await Promise.all(Array.from({ length: Math.ceil(total / 2) + 1 }, (_, index) => page(index + 1)));
    expect(itemsOf(pages.at(-1) ?? {}), action).toEqual([]);
    const all = pages.flatMap(itemsOf).map((item) => JSON.stringify(item));
    expect([all.length, new Set(all).size], action).toEqual([total, total]);
  }
});
