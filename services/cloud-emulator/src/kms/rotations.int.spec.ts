import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ssh, tempDir, waitFor } from '@sallyport/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { call, extendedConfig, passwordSecret } from '../signed-request.suite.js';
import type { Reply } from '../signed-request.suite.js';
import { captured, startEmulator, theInstance } from '../start-emulator.suite.js';
import type { TestEmulator } from '../start-emulator.suite.js';

const SecretName = 'acs/ecs/web-01';

describe('RotateSecret', () => {
  let started: TestEmulator;
  let place: { instanceId: string; port: number };
  let kms: (action: string, parameters?: Record<string, string>) => Promise<Reply>;

  beforeEach(async () => {
    started = await startEmulator();
    place = await theInstance(started.admin);
    kms = (action, parameters = {}) => call(started.emulator.endpoint, action, { SecretName, ...parameters });
  });

  const account = (user: string): Promise<Record<string, unknown>> =>
    started.admin('GET', `instances/${place.instanceId}/accounts/${user}`);
  const seed = async (user: 'root' | 'deploy', more: Record<string, string> = {}): Promise<void> => {
    const { password, publicKey, privateKey } = await account(user);
    const data =
      user === 'root'
        ? { UserName: user, Password: password }
        : { UserName: user, PublicKey: publicKey, PrivateKey: privateKey };
    const config = { InstanceId: place.instanceId, SecretSubType: user === 'root' ? 'Password' : 'SSHKey' };
    const changes = { SecretData: JSON.stringify(data), ExtendedConfig: extendedConfig(config), ...more };
    expect((await kms('CreateSecret', passwordSecret(changes))).body).not.toHaveProperty('Code');
  };
  const read = async (VersionStage = 'ACSCurrent'): Promise<Record<string, string> & { version: string }> => {
    const { body } = await kms('GetSecretValue', { VersionStage });
    return {
      ...(JSON.parse(String(body['SecretData'])) as Record<string, string>),
      version: String(body['VersionId']),
    };
  };
  const until = (version: string): Promise<unknown> =>
    waitFor(async () => (await read()).version === version, { what: `version ${version} to be current` });
  const logOn = async (value: Record<string, string>): Promise<number | null> => {
    const file = join(tempDir(), 'key');
    if (value['PrivateKey']) writeFileSync(file, value['PrivateKey'], { mode: 0o600 });
    const how = value['PrivateKey'] ? { privateKeyFile: file } : { password: value['Password'] ?? '' };
    const destination = `${value['UserName'] ?? ''}@127.0.0.1`;
    return (await ssh({ destination, port: place.port, command: 'true', ...how })).code;
  };

  /** What CloudMonitor was told, oldest first. */
  const events = async (): Promise<unknown> => (await started.admin('GET', 'events'))['events'];
  const event = (outcome: 'Success' | 'Failure', rotationStatus: string) => {
    const failed = outcome === 'Failure';
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string;
    return {
      name: `Secret:RotateSecret:${outcome}`,
      level: failed ? 'CRITICAL' : 'INFO',
      content: {
        ...{ secretName: SecretName, secretType: 'ECS', secretSubType: 'Password', rotationStatus },
        eventId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        rotationEntityArn: expect.stringMatching(new RegExp(`^acs:ecs:.*:instance/${place.instanceId}$`)) as string,
        ...(failed
          ? {
              failureTime: time,
              failureInfo: {
                errorCode: 'RotateSecretFailed',
                errorMessage: expect.stringMatching(/^told to fail/) as string,
              },
            }
          : { successTime: time }),
      },
    };
  };

  it('B1: gives the host and KMS a new password; the old one is ACSPrevious and does not log on', async () => {
    await seed('root');
    const old = await read();
    expect(await logOn(old)).toBe(0);
    expect((await kms('RotateSecret', { VersionId: 'v2' })).body).toMatchObject({ SecretName, VersionId: 'v2' });
    await until('v2');
    const now = await read();
    expect(now['Password']).toHaveLength(32);
    expect(await read('ACSPrevious')).toEqual(old);
    expect(await logOn(now)).toBe(0);
    expect(await logOn(old)).toBe(255);
    const { body } = await kms('DescribeSecret');
    expect(body).toMatchObject({ AutomaticRotation: 'Disabled' });
    expect(body['LastRotationDate']).toMatch(/Z$/);
  });

  it('gives a new RSA-2048 pair, of which the instance is told the public key alone', async () => {
    await seed('deploy');
    const old = await read();
    expect(await logOn(old)).toBe(0);
    await kms('RotateSecret', { VersionId: 'v2' });
    await until('v2');
    const now = await read();
    expect(now['PrivateKey']).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
    expect(await account('deploy')).toEqual({ userName: 'deploy', publicKey: now['PublicKey'] });
    expect(await logOn(now)).toBe(0);
    expect(await logOn(old)).toBe(255);
  });

  it('is idempotent by VersionId, before and after, and refuses another while it runs', async () => {
    await seed('root');
    await started.admin('PUT', 'rotation', { delayMs: 60_000 });
    for (let time = 1; time <= 3; time += 1) expect((await kms('RotateSecret', { VersionId: 'v2' })).status).toBe(200);
    expect((await kms('RotateSecret', { VersionId: 'v1' })).status).toBe(200);
    const another = await kms('RotateSecret', { VersionId: 'v3' });
    expect(another.body['Message']).toMatch(/being rotated/);
    const policy = await kms('UpdateSecretRotationPolicy', { EnableAutomaticRotation: 'false' });
    expect(policy.body['Message']).toMatch(/being rotated/);
    expect((await read()).version).toBe('v1');
  });

  it('shows at most two versions, and the others only as deprecated', async () => {
    await seed('root');
    for (const version of ['v2', 'v3']) {
      await kms('RotateSecret', { VersionId: version });
      await until(version);
      await waitFor(async () => (await kms('RotateSecret', { VersionId: version })).status === 200, {
        what: 'its end',
      });
    }
    const ids = async (parameters: Record<string, string>): Promise<unknown> => {
      const { body } = await kms('ListSecretVersionIds', parameters);
      const { VersionId } = body['VersionIds'] as { VersionId: Record<string, unknown>[] };
      return VersionId.map((one) => [
        one['VersionId'],
        (one['VersionStages'] as { VersionStage: unknown }).VersionStage,
      ]);
    };
    expect(await ids({})).toEqual([
      ['v3', ['ACSCurrent']],
      ['v2', ['ACSPrevious']],
    ]);
    expect(await ids({ IncludeDeprecated: 'true' })).toContainEqual(['v1', []]);
  });

  it.each(['host-first', 'kms-first'] as const)('changes both in the order %s, with a gap', async (order) => {
    await seed('root');
    const old = await read();
    await started.admin('PUT', 'rotation', { order, gapMs: 600_000 });
    await kms('RotateSecret', { VersionId: 'v2' });
    if (order === 'host-first') {
      await waitFor(async () => (await account('root'))['password'] !== old['Password'], {
        what: 'the host to change',
      });
      expect(await read()).toEqual(old);
      expect(await logOn(old)).toBe(255);
    } else {
      await until('v2');
      expect((await account('root'))['password']).toBe(old['Password']);
      expect(await logOn(await read('ACSPrevious'))).toBe(0);
    }
  });

  it.each([
    ['before', 'host-first', false],
    ['after', 'host-first', true],
    ['after', 'kms-first', true],
  ] as const)('fails %s (%s): Invalid, ACSCurrent as it was', async (fail, order, hostChanged) => {
    await seed('root', { EnableAutomaticRotation: 'true', RotationInterval: '1h' });
    const old = await read();
    await started.admin('PUT', 'rotation', { fail, order });
    await kms('RotateSecret', { VersionId: 'v2' });
    const state = (): Promise<unknown> => kms('DescribeSecret').then(({ body }) => body['AutomaticRotation']);
    await waitFor(async () => (await state()) === 'Invalid', { what: 'the rotation to fail' });
    expect(await read()).toEqual(old);
    expect((await account('root'))['password'] !== old['Password']).toBe(hostChanged);
    await started.admin('PUT', 'rotation', { fail: null });
    await kms('RotateSecret', { VersionId: 'v3' });
    await until('v3');
    await waitFor(async () => (await state()) === 'Enabled', { what: 'the schedule to go on' });
    expect(await events()).toEqual([event('Failure', 'Invalid'), event('Success', 'Enabled')]);
  });

  it('has the command of a registered machine change its account', async () => {
    const file = join(tempDir(), 'told');
    const code = `require('fs').writeFileSync(${JSON.stringify(file)}, require('fs').readFileSync(0))`;
    await started.admin('PUT', 'instances/i-real1', {
      ...{ name: 'db-1', address: '127.0.0.1', port: 22, regionId: 'cn-hangzhou' },
      assistant: { command: [process.execPath, '-e', code] },
    });
    const { publicKey, privateKey } = await account('deploy'); // any pair will do
    const data = { UserName: 'app', PublicKey: publicKey, PrivateKey: privateKey };
    const ExtendedConfig = extendedConfig({ InstanceId: 'i-real1', SecretSubType: 'SSHKey' });
    await kms('CreateSecret', passwordSecret({ SecretData: JSON.stringify(data), ExtendedConfig }));
    await kms('RotateSecret', { VersionId: 'v2' });
    await until('v2');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      ...{ instanceId: 'i-real1', userName: 'app', subType: 'SSHKey' },
      ...{ publicKey: (await read())['PublicKey'], previousPublicKey: publicKey },
    });
  });

  it('fails for a user whom the instance has not, and for an instance that is not running', async () => {
    const data = { SecretData: JSON.stringify({ UserName: 'nobody', Password: 'x' }) };
    await kms(
      'CreateSecret',
      passwordSecret({ ...data, ExtendedConfig: extendedConfig({ InstanceId: place.instanceId }) }),
    );
    const invalid = (): Promise<boolean> =>
      kms('DescribeSecret').then(({ body }) => body['AutomaticRotation'] === 'Invalid');
    await kms('RotateSecret', { VersionId: 'v2' });
    await waitFor(invalid, { what: 'the rotation to fail' });
    await kms('DeleteSecret', { ForceDeleteWithoutRecovery: 'true' });
    await seed('root');
    await started.admin('PUT', `instances/${place.instanceId}`, { status: 'Stopped' });
    await kms('RotateSecret', { VersionId: 'v2' });
    await waitFor(invalid, { what: 'the rotation to fail' });
  });

  it('fails while its key is disabled, and leaves the instance as it was', async () => {
    await seed('root');
    const before = await account('root');
    await kms('DisableKey', { KeyId: captured.encryptionKeyId });
    await kms('RotateSecret', { VersionId: 'v2' });
    const status = async () => (await kms('DescribeSecret')).body['AutomaticRotation'];
    await waitFor(async () => (await status()) === 'Invalid', { what: 'the rotation to fail' });
    expect(await account('root')).toEqual(before);
  });

  it('does not happen by itself in the deletion window', async () => {
    await seed('root', { EnableAutomaticRotation: 'true', RotationInterval: '1h' });
    await kms('DeleteSecret', { RecoveryWindowInDays: '7' });
    await started.admin('PUT', 'rotation', { delayMs: 600_000 }); // one that began would be seen below
    for (const offsetMs of [7_200_000, 0]) await started.admin('PUT', 'clock', { offsetMs, scope: 'resources' });
    await kms('RestoreSecret');
    expect((await kms('UpdateSecretRotationPolicy', { EnableAutomaticRotation: 'false' })).status).toBe(200);
  });

  it('happens by itself when the interval is over', async () => {
    await seed('root', { EnableAutomaticRotation: 'true', RotationInterval: '1h' });
    const { body } = await kms('DescribeSecret');
    expect(Date.parse(String(body['NextRotationDate'])) - Date.parse(String(body['CreateTime']))).toBe(3_600_000);
    await started.admin('PUT', 'clock', { offsetMs: 3_000_000, scope: 'resources' });
    expect((await read()).version).toBe('v1');
    await started.admin('PUT', 'clock', { offsetMs: 3_610_000, scope: 'resources' });
    await waitFor(async () => (await read()).version !== 'v1', { what: 'the schedule' });
    await waitFor(async () => (await logOn(await read())) === 0, { what: 'the new password to log on' });
    expect(await events()).toEqual([event('Success', 'Enabled')]);
    await kms('UpdateSecretRotationPolicy', { EnableAutomaticRotation: 'true', RotationInterval: '30d' });
    expect((await kms('GetSecretValue')).body['RotationInterval']).toBe('2592000s');
    await kms('UpdateSecretRotationPolicy', { EnableAutomaticRotation: 'false' });
    expect((await kms('GetSecretValue')).body).not.toHaveProperty('NextRotationDate');
  });

  it('fails by itself too, once, and stands still until the rotation policy is set', async () => {
    await seed('root', { EnableAutomaticRotation: 'true', RotationInterval: '1h' });
    await started.admin('PUT', 'rotation', { fail: 'before' });
    const moveOn = (hours: number) =>
      started.admin('PUT', 'clock', { offsetMs: hours * 3_600_000 + 10_000, scope: 'resources' });
    const described = async () => (await kms('DescribeSecret')).body;
    const becomes = (status: string) =>
      waitFor(async () => (await described())['AutomaticRotation'] === status, { what: `rotation to be ${status}` });
    await moveOn(1);
    await becomes('Invalid');
    expect(await described()).not.toHaveProperty('NextRotationDate');
    expect((await read()).version).toBe('v1');
    await started.admin('PUT', 'rotation', { fail: null });
    await moveOn(5);
    expect((await read()).version).toBe('v1');
    expect(await events()).toEqual([event('Failure', 'Invalid')]);
    // Due long since, so at once.
    await kms('UpdateSecretRotationPolicy', { EnableAutomaticRotation: 'true', RotationInterval: '1h' });
    await waitFor(async () => (await read()).version !== 'v1', { what: 'the schedule to go on' });
    expect(await events()).toEqual([event('Failure', 'Invalid'), event('Success', 'Enabled')]);
  });

  it('runs 50 times an hour at most', async () => {
    await seed('root');
    await started.admin('PUT', 'rules', { quotaScale: 1 });
    const begun = (version: string): Promise<boolean> =>
      kms('RotateSecret', { VersionId: version }).then(({ status }) => status === 200);
    for (let number = 1; number <= 50; number += 1) {
      await waitFor(() => begun(`r${number}`), { what: `rotation ${number} to begin` });
    }
    const refused = async (): Promise<boolean> => {
      const { status, body } = await kms('RotateSecret', { VersionId: 'one too many' });
      return status === 429 && body['Message'] === 'At most 50 rotations an hour.';
    };
    await waitFor(refused, { what: 'the refusal' });
    // Known already, so the hour's quota does not count it; the quota of calls a second may refuse it for a moment.
    await waitFor(() => begun('r50'), { what: 'r50 to be known' });
    await started.admin('PUT', 'clock', { offsetMs: 3_400_000, scope: 'resources' });
    await waitFor(refused, { what: 'the refusal within the hour' });
    await started.admin('PUT', 'clock', { offsetMs: 3_601_000, scope: 'resources' });
    await waitFor(() => begun('an hour later'), { what: 'the next hour' });
  });
});
