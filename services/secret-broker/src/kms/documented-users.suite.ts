import { readFileSync } from 'node:fs';
import type { TestEmulator } from './start-emulator.suite.js';

export interface TestKey {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** The statements of a policy in deploy/ram. */
export function documentedPolicy(name: string): { Effect: string; Action: string[]; Resource: string[] }[] {
  const policy = readFileSync(new URL(`../../../../deploy/ram/${name}.json`, import.meta.url), 'utf8');
  return (JSON.parse(policy) as { Statement: ReturnType<typeof documentedPolicy> }).Statement;
}

/** RAM users of the emulator that have exactly the documented policies, deploy/ram. */
export async function documentedUsers(emulator: TestEmulator): Promise<{ reader: TestKey; administrator: TestKey }> {
  const user = async (name: string): Promise<TestKey> => {
    await emulator.admin('PUT', `ram/policies/${name}`, { Version: '1', Statement: documentedPolicy(name) });
    return (await emulator.admin('PUT', `ram/users/${name}`, { policies: [name] })) as unknown as TestKey;
  };
  return { reader: await user('sallyport-reader'), administrator: await user('sallyport-administrator') };
}
