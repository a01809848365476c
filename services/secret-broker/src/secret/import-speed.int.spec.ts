import { randomUUID } from 'node:crypto';
import { Secret } from '@sallyport/secret';
import { logger } from '@sallyport/telemetry';
import { testSize, waitFor } from '@sallyport/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../clock.js';
import { documentedUsers } from '../kms/documented-users.suite.js';
import { FairGate } from '../kms/fair-gate.js';
import { KmsAdministrationClient } from '../kms/kms-administration-client.js';
import { KmsCalls } from '../kms/kms-calls.js';
import { KmsClient } from '../kms/kms-client.js';
import { KmsPace } from '../kms/kms-pace.js';
import { AlicloudGateway } from '../kms/kms.alicloud.js';
import { StaticKey } from '../kms/credentials.alicloud.js';
import type { TestEmulator } from '../kms/start-emulator.suite.js';
import { startEmulator } from '../kms/start-emulator.suite.js';
import { FindSecrets } from './find-secrets.js';
import { SecretIndex } from './secret-index.js';
import { ShowSecretStates } from './show-secret-states.js';

/** As many instances, with one secret each; `npm run bench:import` takes 1,000. */
const size = testSize('SECRETS', 250);
const perSecond = 50;

/** The true time, and how far a test moved it on. */
class MovedClock extends SystemClock {
  aheadMs = 0;

  override now(): Date {
    return new Date(super.now().getTime() + this.aheadMs);
  }
}

describe(`import lists of ${size} instances with ${size} secrets`, () => {
  let emulator: TestEmulator;
  let find: FindSecrets;
  let administration: KmsAdministrationClient;
  const clock = new MovedClock();
  const run = randomUUID().slice(0, 8);
  const instanceOf = (number: number): string => `i-${run}-${number}`;
  const nameOf = (number: number): string => `acs/ecs/${run}-${number}`;
  const counted = async (action: string): Promise<number> => {
    const { calls } = (await emulator.admin('GET', 'calls')) as { calls: Record<string, number> };
    return calls[action] ?? 0;
  };
  const described = () => counted('DescribeSecret');
  const ofInstance = (number: number) => find.importable(emulator.regionId, { instanceId: instanceOf(number) });
  /** How long each of so many instances waits for its list. */
  const ask = async (count: number, before: () => void = () => undefined): Promise<string> => {
    const times: number[] = [];
    for (let number = 0; number < Math.min(size, count); number++) {
      before();
      const askedAt = performance.now();
      const answer = await ofInstance(number);
      times.push(performance.now() - askedAt);
      expect(answer.items.map(({ name }) => name)).toEqual([nameOf(number)]);
    }
    times.sort((a, b) => a - b);
    const at = (share: number): string => (times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(0);
    return `${at(0.5)} ms (median), ${at(0.95)} ms (p95)`;
  };

  beforeAll(async () => {
    emulator = await startEmulator();
    const { regionId } = emulator;
    const users = await documentedUsers(emulator);
    const callsAs = ({ accessKeyId, accessKeySecret }: typeof users.reader): KmsCalls => {
      const accessKey = new StaticKey(accessKeyId, Secret.of(accessKeySecret));
      const gateway = new AlicloudGateway({ endpoint: emulator.endpoint, parametersIn: 'body', accessKey });
      const pace = new KmsPace({ quotaPercent: 10_000, maxInFlight: 64 });
      const patience = { tries: 8, tryMs: 20_000, totalMs: 60_000 };
      return new KmsCalls(gateway, pace, patience, new SystemClock(), logger('test', 'silent'));
    };
    administration = new KmsAdministrationClient(callsAs(users.administrator));
    const numbers = Array.from({ length: size }, (_, number) => number);
    const create = async (): Promise<void> => {
      for (let number = numbers.pop(); number !== undefined; number = numbers.pop()) {
        const instance = { name: instanceOf(number), address: '192.0.2.1', port: 22, regionId };
        await emulator.admin('PUT', `instances/${instanceOf(number)}`, instance);
        const data = Secret.of(JSON.stringify({ UserName: 'root', Password: randomUUID() }));
        const secret = { regionId, instanceId: instanceOf(number), kind: 'password' as const, versionId: 'v1', data };
        await administration.create({ ...secret, name: nameOf(number) });
      }
    };
    await Promise.all(Array.from({ length: 2 }, create));
    const kms = new KmsClient(callsAs(users.reader));
    const index = new SecretIndex(kms, new FairGate({ inFlight: 64, perSecond }), clock);
    clock.aheadMs = 60_000; // they were not made just now
    find = new FindSecrets(kms, index, new ShowSecretStates(kms, index));
  }, 600_000);

  it('show how far the first look got, then each instance its own secret, without asking KMS about it again', async () => {
    const startedAt = performance.now();
    const before = await described();
    const progress: string[] = [];
    const { items } = await waitFor(
      async () => {
        const answer = await ofInstance(0);
        if (answer.scan) progress.push(`${answer.scan.known}/${answer.scan.total}`);
        return !answer.scan && answer;
      },
      { timeoutMs: 580_000, what: 'the first look to end' },
    );
    const firstMs = performance.now() - startedAt;
    expect(items).toMatchObject([{ name: nameOf(0), instanceId: instanceOf(0), standing: { state: 'ok' } }]);
    // A region of few secrets is waited for; of many, the progress shows at once.
    if (size > 200) expect(progress.length).toBeGreaterThan(0);
    expect(await described()).toBe(before + size);

    const times = await ask(100);
    expect(await described()).toBe(before + size);
    process.stdout.write(
      `import list of one host, ${size} secrets in the account: first look ${(firstMs / 1_000).toFixed(1)} s at ${perSecond} calls a second ` +
        `(${progress.slice(0, 3).join(', ')}, …), then ${times}\n`,
    );
  }, 600_000);

  it('are listed anew a while later, without asking again about what has not changed', async () => {
    await administration.update({ regionId: emulator.regionId, name: nameOf(0) }, { description: 'changed' });
    const [lists, descriptions] = await Promise.all([counted('ListSecrets'), described()]);
    await emulator.admin('PUT', 'faults', { kind: 'delay', operation: 'ListSecrets', delayMs: 30 });
    const times = await ask(10, () => (clock.aheadMs += 2_000));
    await waitFor(async () => (await counted('ListSecrets')) > lists, { what: 'another list' });
    // The answer may be from before the new list, where that takes long.
    await waitFor(async () => (await described()) > descriptions, { what: 'the changed one to be looked at' });
    expect(await described()).toBe(descriptions + 1);
    // It cannot hold what was never asked for.
    expect(await counted('GetSecretValue')).toBe(0);
    process.stdout.write(
      `import list of one host, each time after a list of ${size} secrets, 30 ms a page: ${times}\n`,
    );
  }, 300_000);
});
