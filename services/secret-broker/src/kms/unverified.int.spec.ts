import { Secret } from '@sallyport/secret';
import { logger } from '@sallyport/telemetry';
import { beforeAll } from 'vitest';
import { SystemClock } from '../clock.js';
import { StaticKey } from './credentials.alicloud.js';
import { KmsAdministrationClient } from './kms-administration-client.js';
import { KmsCalls } from './kms-calls.js';
import { KmsClient } from './kms-client.js';
import { KmsPace } from './kms-pace.js';
import { AlicloudGateway } from './kms.alicloud.js';
import { kmsSuite } from './kms.suite.js';
import { startEmulator, type TestEmulator } from './start-emulator.suite.js';

/**
 * Clouds that differ from the emulator's guesses wherever the pages leave room ("Unverified" in its README), so that
 * nothing of Sallyport rests on a guess.
 */
const clouds = {
  'older pages': {
    parametersIn: 'query',
    rules: {
      formParameters: false,
      format: 'as-asked',
      envelope: 'kms',
      listOrder: 'oldest',
      listMatch: 'exact',
      listInDeleteWindow: false,
      listFiltersPerCall: 1,
      otherListsReversed: true,
      tagsPerCall: 10,
      spacesInTags: false,
      tagLengthIn: 'bytes',
      commandId: '',
      customDataTaken: 'text',
      policyAsInSamples: false,
      checkedFirst: 'parameters',
      checkSecretData: true,
      checkInstanceId: true,
      maxDescriptionLength: 256,
      accountPrincipalPermits: true,
      openDescribeRegions: true,
      pendingStage: true,
    },
  },
  'the gateway alone answers': {
    parametersIn: 'body',
    rules: {
      envelope: 'gateway',
      echoStringToSign: true,
      format: 'as-asked',
      listOrder: 'name',
      listMatch: 'prefix',
      listFilters: 'any',
      keyMatch: 'substring',
      deleteAtOnceInWindow: true,
      timeOfForcedDeletion: true,
      customDataTold: 'text',
      intervalWhenInvalid: true,
      questionMarkMatches: true,
      unknownCondition: 'met',
      randomPasswordResource: 'secrets',
    },
  },
} as const;

for (const [name, { parametersIn, rules }] of Object.entries(clouds)) {
  let emulator: TestEmulator;
  beforeAll(async () => {
    emulator = await startEmulator();
    await emulator.admin('PUT', 'rules', rules);
  });

  kmsSuite(`another cloud: ${name}`, () => {
    const { endpoint, accessKeyId, accessKeySecret, regionId, instanceId, userName } = emulator;
    const accessKey = new StaticKey(accessKeyId, Secret.of(accessKeySecret));
    const gateway = new AlicloudGateway({ endpoint, parametersIn, accessKey });
    const pace = new KmsPace({ quotaPercent: 50, maxInFlight: 64 });
    const patience = { tries: 3, tryMs: 10_000, totalMs: 30_000 };
    const calls = new KmsCalls(gateway, pace, patience, new SystemClock(), logger('test', 'silent'));
    const administration = new KmsAdministrationClient(calls);
    return Promise.resolve({ kms: new KmsClient(calls), administration, regionId, instanceId, userName });
  });
}
