import { readFileSync } from 'node:fs';
import type { TestEmulator } from './start-emulator.suite.js';

export interface TestKey {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** RAM users of the emulator that have exactly the documented policies, deploy/ram. */
export async function documentedUsers(emulator: TestEmulator): Promise<{ reader: TestKey; administrator: TestKey }> {
  const user = async (name: string): Promise<TestKey> => {
    const policy = readFileSync(new URL(`../../../../deploy/ram/${name}.json`, import.meta.url), 'utf8');
    await emulator.admin('PUT', `ram/policies/${name}`, JSON.parse(policy));
    return (await emulator.admin('PUT', `ram/users/${name}`, { policies: [name] })) as unknown as TestKey;
  };
  return { reader: await user('sallyport-reader'), administrator: await user('sallyport-administrator') };
}
