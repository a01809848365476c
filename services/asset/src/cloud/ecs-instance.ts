import { z } from 'zod';
import type { CloudInstance } from './cloud-instance.js';
import { sshPort } from './cloud-instance.js';

const addresses = z.object({ ipAddress: z.array(z.string()).nullish() }).nullish();

/** What we take of an instance in the SDK's form of DescribeInstances, version 2014-05-26. */
export const DescribedInstance = z.object({
  instanceId: z.string(),
  instanceName: z.string().nullish(),
  regionId: z.string().nullish(),
  OSType: z.string().nullish(),
  status: z.string().nullish(),
  vpcAttributes: z.object({ privateIpAddress: addresses }).nullish(),
  innerIpAddress: addresses,
  networkInterfaces: z
    .object({
      networkInterface: z
        .array(z.object({ type: z.string().nullish(), primaryIpAddress: z.string().nullish() }))
        .nullish(),
    })
    .nullish(),
  eipAddress: z.object({ ipAddress: z.string().nullish() }).nullish(),
  publicIpAddress: addresses,
  tags: z
    .object({ tag: z.array(z.object({ tagKey: z.string().nullish(), tagValue: z.string().nullish() })).nullish() })
    .nullish(),
});
export type DescribedInstance = z.infer<typeof DescribedInstance>;

/** One page of the answer. */
export const DescribedPage = z.object({
  instances: z.object({ instance: z.array(DescribedInstance).nullish() }).nullish(),
  nextToken: z.string().nullish(),
});
export type DescribedPage = z.infer<typeof DescribedPage>;

/** @param regionId the one that was asked for */
export function toCloudInstance(described: DescribedInstance, regionId: string): CloudInstance {
  const tags = described.tags?.tag ?? [];
  return {
    instanceId: described.instanceId,
    name: described.instanceName ?? '',
    regionId: described.regionId ?? regionId,
    address: addressOf(described),
    port: sshPort(tags.map(({ tagKey, tagValue }) => ({ key: tagKey ?? '', value: tagValue ?? '' }))),
    osType: described.OSType?.toLowerCase() === 'windows' ? 'windows' : 'linux',
    status: described.status ?? 'Unknown',
  };
}

/** Private before public: VPC, classic network, primary interface; then elastic and fixed public. Absent ones are empty. */
function addressOf(described: DescribedInstance): string {
  const interfaces = described.networkInterfaces?.networkInterface ?? [];
  const primary = interfaces.find((one) => one.type === 'Primary') ?? interfaces[0];
  const inOrder = [
    described.vpcAttributes?.privateIpAddress?.ipAddress?.[0],
    described.innerIpAddress?.ipAddress?.[0],
    primary?.primaryIpAddress,
    described.eipAddress?.ipAddress,
    described.publicIpAddress?.ipAddress?.[0],
  ];
  return inOrder.find((address) => address !== undefined && address !== null && address !== '') ?? '';
}
