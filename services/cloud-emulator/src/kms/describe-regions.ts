import { z } from 'zod';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';

/** DescribeRegions: the one that the emulator has. */
export const describeRegions: Operation = defineOperation({
  product: 'kms',
  action: 'DescribeRegions',
  quota: 'list',
  parameters: z.object({}),
  run: (_input, { account }) => ({ Regions: { Region: [{ RegionId: account.current.regionId }] } }),
});
