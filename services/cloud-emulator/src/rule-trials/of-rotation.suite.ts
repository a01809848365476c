import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir, waitFor } from '@sallyport/testing';
import type { Rules } from '../rules.js';
import { call } from '../signed-request.suite.js';
import { captured } from '../start-emulator.suite.js';
import { SecretName, codeOf, another, throttled, rotateToItsEnd } from './world.suite.js';
import type { Trial } from './world.suite.js';

/** Rotation, and limits. */
export const ofRotation = {
  pendingStage: {
    look: async ({ admin, ask }) => {
      await admin('PUT', 'rotation', { delayMs: 600_000 });
      await ask('RotateSecret', { VersionId: 'v2' });
      const { VersionIds } = (await ask('ListSecretVersionIds')) as {
        VersionIds: { VersionId: { VersionId: string; VersionStages: { VersionStage: string[] } }[] };
      };
      return VersionIds.VersionId.map((one) => [one.VersionId, ...one.VersionStages.VersionStage]);
    },
    seen: [
      [false, [['v1', 'ACSCurrent']]],
      [
        true,
        [
          ['v2', 'ACSPending'],
          ['v1', 'ACSCurrent'],
        ],
      ],
    ],
  },
  intervalWhenInvalid: {
    look: async (world) => {
      const { admin, ask } = world;
      await ask('UpdateSecretRotationPolicy', { EnableAutomaticRotation: 'true', RotationInterval: '7d' });
      await admin('PUT', 'rotation', { fail: 'before' });
      await rotateToItsEnd(world);
      const { AutomaticRotation, RotationInterval } = await ask('DescribeSecret');
      return { AutomaticRotation, RotationInterval };
    },
    seen: [
      [false, { AutomaticRotation: 'Invalid', RotationInterval: undefined }],
      [true, { AutomaticRotation: 'Invalid', RotationInterval: '604800s' }],
    ],
  },
  otherAuthorizedKeys: {
    look: async ({ admin, ask }) => {
      const file = join(tempDir(), 'told');
      const code = `require('fs').writeFileSync(${JSON.stringify(file)}, require('fs').readFileSync(0))`;
      const assistant = { command: [process.execPath, '-e', code] };
      await admin('PUT', `instances/${captured.instanceId}`, { assistant });
      const { instances } = (await admin('GET', 'state')) as { instances: [{ instanceId: string }] };
      const pair = await admin('GET', `instances/${instances[0].instanceId}/accounts/deploy`); // any pair will do
      const SecretData = JSON.stringify({
        UserName: 'deploy',
        PublicKey: pair['publicKey'],
        PrivateKey: pair['privateKey'],
      });
      const ExtendedConfig = JSON.stringify({
        SecretSubType: 'SSHKey',
        RegionId: 'cn-hangzhou',
        InstanceId: captured.instanceId,
      });
      await ask('CreateSecret', another({ SecretData, ExtendedConfig }));
      await ask('RotateSecret', { SecretName: 'acs/ecs/web-02', VersionId: 'v2' });
      const isOver = async (): Promise<boolean> =>
        ((await admin('GET', 'events')) as { events: unknown[] }).events.length > 0;
      await waitFor(isOver, { what: 'the end of the rotation' });
      return (JSON.parse(readFileSync(file, 'utf8')) as { otherKeys?: string }).otherKeys;
    },
    seen: [
      ['kept', undefined],
      ['removed', 'removed'],
    ],
  },
  rotationEntity: {
    look: async (world) => String((await rotateToItsEnd(world))['rotationEntityArn']).replace(/:\d{16}:/, ':…:'),
    seen: [
      ['instance', `acs:ecs:cn-hangzhou:…:instance/${captured.instanceId}`],
      ['secret', `acs:kms:cn-hangzhou:…:secret/${SecretName}`],
    ],
  },
  unscheduledRotationStatus: {
    look: async (world) => (await rotateToItsEnd(world))['rotationStatus'],
    seen: [
      ['Disabled', 'Disabled'],
      ['Enabled', 'Enabled'],
    ],
  },
  rotationErrorCode: {
    look: async (world) => {
      await world.admin('PUT', 'rotation', { fail: 'before' });
      return ((await rotateToItsEnd(world))['failureInfo'] as { errorCode: string }).errorCode;
    },
    seen: [
      ['RotateSecretFailed', 'RotateSecretFailed'],
      ['Rejected.ExecuteCommandFailed', 'Rejected.ExecuteCommandFailed'],
    ],
  },
  quotaScale: {
    look: ({ code }) => throttled(40, () => code('CreateSecret', { SecretName: '' })),
    seen: [
      [1, true],
      [0, false],
      [100, false],
    ],
  },
  rotationsPerHour: {
    look: async ({ admin, ask, code }) => {
      await admin('PUT', 'rules', { quotaScale: 1 });
      await ask('CreateSecret', another());
      await ask('RotateSecret', { VersionId: 'v2' });
      return code('RotateSecret', { SecretName: 'acs/ecs/web-02', VersionId: 'v2' });
    },
    seen: [
      [50, 'OK'],
      [1, 'Rejected.Throttling'],
    ],
  },
  ecsCallsPerSecond: {
    look: async ({ admin, endpoint }) => {
      await admin('PUT', 'rules', { quotaScale: 1 });
      const list = () => call(endpoint, 'DescribeInstances', { RegionId: 'cn-hangzhou' }, '2014-05-26');
      return throttled(20, async () => codeOf((await list()).body));
    },
    seen: [
      [50, false],
      [5, true],
    ],
  },
  stsCallsPerSecond: {
    look: async ({ admin, endpoint }) => {
      await admin('PUT', 'rules', { quotaScale: 1 });
      return throttled(20, async () => codeOf((await call(endpoint, 'AssumeRole', {}, '2015-04-01')).body));
    },
    seen: [
      [100, false],
      [5, true],
    ],
  },
  secretsPerInstance: {
    look: ({ code }) => code('CreateSecret', another()),
    seen: [
      [1_000, 'OK'],
      [1, 'Rejected.LimitExceeded'],
    ],
  },
  keysPerInstance: {
    look: ({ code }) => code('CreateKey', { DKMSInstanceId: captured.kmsInstanceId }),
    seen: [
      [1_000, 'OK'],
      [1, 'Rejected.LimitExceeded'],
    ],
  },
} satisfies Partial<Record<keyof Rules, Trial>>;
