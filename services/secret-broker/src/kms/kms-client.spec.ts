import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Secret } from '@sallyport/secret';
import { logger } from '@sallyport/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../clock.js';
import { StaticKey } from './credentials.alicloud.js';
import { KmsCalls } from './kms-calls.js';
import { KmsClient } from './kms-client.js';
import { KmsPace } from './kms-pace.js';
import { AlicloudGateway } from './kms.alicloud.js';

/** What the emulator has none of: a secret of a service of Alibaba Cloud, and more versions than fit one page. */
describe('KmsClient', () => {
  const versions = Array.from({ length: 250 }, (_, n) => ({
    VersionId: `v${n}`,
    CreateTime: '2026-01-01T00:00:00Z',
    VersionStages: { VersionStage: n === 249 ? ['ACSCurrent'] : [] },
  }));
  const answers: Record<string, (parameters: URLSearchParams) => object> = {
    DescribeSecret: () => ({ SecretName: 'acs/ecs/web', SecretType: 'ECS', OwingService: 'rds' }),
    ListSecretVersionIds: (parameters) => {
      const [number, size] = [Number(parameters.get('PageNumber')), Number(parameters.get('PageSize'))];
      const all = parameters.get('IncludeDeprecated') === 'true' ? versions : versions.slice(-1);
      const shown = all.slice((number - 1) * size, number * size);
      return { VersionIds: { VersionId: shown }, PageNumber: number, PageSize: size, TotalCount: all.length };
    },
  };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const action = new URL(request.url ?? '', 'http://kms').searchParams.get('Action') ?? '';
      const answer = { RequestId: 'r-1', ...answers[action]?.(new URLSearchParams(body)) };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    });
  });
  let kms: KmsClient;
  const address = { regionId: 'cn-hangzhou', name: 'acs/ecs/web' };

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const accessKey = new StaticKey('testid', Secret.of('testsecret'));
    const gateway = new AlicloudGateway({ endpoint, parametersIn: 'body', accessKey });
    const pace = new KmsPace({ quotaPercent: 1_000, maxInFlight: 8 });
    const patience = { tries: 1, tryMs: 10_000, totalMs: 10_000 };
    kms = new KmsClient(new KmsCalls(gateway, pace, patience, new SystemClock(), logger('test', 'silent')));
  });
  afterAll(() => server.close());

  it('tells which service looks after a secret', async () => {
    expect(await kms.describe(address)).toMatchObject({ name: address.name, owningService: 'rds' });
  });

  it('lists every version, page after page, and without the deprecated ones those that have a stage', async () => {
    const all = await kms.listVersions(address, { deprecated: true });
    expect(all.map(({ versionId }) => versionId)).toEqual(versions.map(({ VersionId }) => VersionId));
    expect(await kms.listVersions(address)).toMatchObject([{ versionId: 'v249', stages: ['ACSCurrent'] }]);
  });
});
