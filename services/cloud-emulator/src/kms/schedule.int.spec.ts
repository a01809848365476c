import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { Emulator } from '../emulator.js';
import { call, extendedConfig, passwordSecret } from '../signed-request.suite.js';
import { adminOf, settingsFor, startEmulator, theInstance } from '../start-emulator.suite.js';

const dayMs = 86_400_000;

it('does once what fell due while it was not running, and nothing that did not', async () => {
  const { emulator, folder, admin } = await startEmulator();
  const { instanceId: InstanceId } = await theInstance(admin);
  const { password } = await admin('GET', `instances/${InstanceId}/accounts/root`);
  const binding = {
    SecretData: JSON.stringify({ UserName: 'root', Password: password }),
    ExtendedConfig: extendedConfig({ InstanceId }),
  };
  const make = (SecretName: string, more: Record<string, string> = {}) =>
    call(emulator.endpoint, 'CreateSecret', passwordSecret({ ...binding, ...more, SecretName }));
  const rotating = (RotationInterval: string) => ({ EnableAutomaticRotation: 'true', RotationInterval });
  await make('acs/ecs/due', rotating('1d'));
  await make('acs/ecs/not-due', rotating('30d'));
  for (const [SecretName, RecoveryWindowInDays] of [
    ['acs/ecs/gone', '7'],
    ['acs/ecs/in-window', '30'],
  ] as const) {
    await make(SecretName);
    await call(emulator.endpoint, 'DeleteSecret', { SecretName, RecoveryWindowInDays });
  }
  await emulator.stop();

  // As if ten days had gone by since.
  const file = join(folder, 'state.json');
  const earlier = (time: string): string => new Date(Date.parse(time) - 10 * dayMs).toISOString();
  writeFileSync(file, readFileSync(file, 'utf8').replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, earlier));
  const later = await Emulator.start(settingsFor(folder));
  try {
    const describeSecret = async (SecretName: string) =>
      (await call(later.endpoint, 'DescribeSecret', { SecretName })).body;
    const lastOf = async (name: string) => (await describeSecret(name))['LastRotationDate'];
    await waitFor(async () => (await lastOf('acs/ecs/due')) !== undefined, { what: 'the rotation that was due' });
    const { LastRotationDate, NextRotationDate } = await describeSecret('acs/ecs/due');
    expect(Date.parse(String(NextRotationDate)) - Date.parse(String(LastRotationDate))).toBe(dayMs);
    expect(await describeSecret('acs/ecs/gone')).toMatchObject({ Code: 'Forbidden.ResourceNotFound' });
    expect(await describeSecret('acs/ecs/in-window')).toHaveProperty('PlannedDeleteTime');
    expect(await lastOf('acs/ecs/not-due')).toBeUndefined();
    const events = async () =>
      (await adminOf(later.endpoint)('GET', 'events')) as { events: { content: { secretName: string } }[] };
    await waitFor(async () => (await events()).events.length > 0, { what: 'the end of the rotation' });
    expect((await events()).events.map(({ content }) => content.secretName)).toEqual(['acs/ecs/due']);
  } finally {
    await later.stop();
  }
});
