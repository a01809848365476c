import { z } from 'zod';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import type { KmsContext } from './kms-context.js';

/** DescribeRegions: the one that the emulator has. */
export function describeRegions({ store }: KmsContext): Operation {
  return defineOperation({
    product: 'kms',
    action: 'DescribeRegions',
    quota: 'list',
    parameters: z.object({}),
    run: () => ({ Regions: { Region: [{ RegionId: store.current.regionId }] } }),
  });
}
