import { z } from 'zod';
import { apiTime } from '../clock.js';
import { ApiError } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import type { Instance } from '../instances/instance.js';
import { inOrder, jsonText, PageNumber, wholeNumber } from '../kms/parameters.js';
import { matchesWildcard } from '../wildcard.js';
import { clampMaxResults, decodeNextToken, encodeNextToken } from './paging.js';

const IdList = jsonText(z.array(z.string()).max(100));

const Parameters = z.object({
  RegionId: z.string(),
  InstanceIds: IdList.optional(),
  InstanceName: z.string().max(128).optional(),
  Status: z.string().max(32).optional(),
  PrivateIpAddresses: IdList.optional(),
  MaxResults: wholeNumber(0, 999_999_999).transform(clampMaxResults).optional(),
  NextToken: z.string().max(256).optional(),
  PageNumber,
  PageSize: wholeNumber(1, 100).default(10),
  DryRun: z.enum(['true', 'false']).default('false'),
});

/** DescribeInstances of ECS, reference section 7. With MaxResults or NextToken it pages by token, else by number. */
export const describeInstances: Operation = defineOperation({
  product: 'ecs',
  action: 'DescribeInstances',
  quota: 'ecs-read',
  parameters: Parameters,
  whenDenied: { Instances: { Instance: [] }, NextToken: '', TotalCount: 0, PageNumber: 1, PageSize: 10 },
  run: (input, { account, rules, parameters: all }) => {
    if (input.DryRun === 'true')
      throw new ApiError('DryRunOperationError', 'The request would have succeeded.', {
        situation: 'ecs-dry-run-would-work',
      });
    const wantedTags = tagFilters(all);
    const found = account.current.instances.filter(
      (one) =>
        one.regionId === input.RegionId &&
        (input.InstanceIds?.includes(one.instanceId) ?? true) &&
        (input.PrivateIpAddresses?.includes(one.address) ?? true) &&
        (input.Status === undefined || one.status === input.Status) &&
        (input.InstanceName === undefined || matchesWildcard(one.name, input.InstanceName)) &&
        wantedTags.every(({ key, value }) =>
          tagsOf(one).some((tag) => tag.TagKey === key && (value === '' || tag.TagValue === value)),
        ),
    );
    const byToken = input.MaxResults !== undefined || input.NextToken !== undefined;
    const size = byToken ? (input.MaxResults ?? 10) : input.PageSize;
    const start = byToken ? decodeNextToken(input.NextToken) : (input.PageNumber - 1) * size;
    const end = start + size;
    return {
      Instances: { Instance: inOrder(found, rules).slice(start, end).map(view) },
      NextToken: byToken && end < found.length ? encodeNextToken(end) : '',
      TotalCount: found.length,
      PageNumber: input.PageNumber,
      PageSize: size,
    };
  },
});

/** The fields that the reference lists, empty where an instance of ours has nothing. */
function view(instance: Instance): object {
  return {
    InstanceId: instance.instanceId,
    InstanceName: instance.name,
    HostName: instance.name,
    OSType: instance.osType,
    OSName: instance.osType === 'linux' ? 'Debian 12' : 'Windows Server',
    OSNameEn: instance.osType === 'linux' ? 'Debian 12' : 'Windows Server',
    Status: instance.status,
    RegionId: instance.regionId,
    ZoneId: `${instance.regionId}-a`,
    InstanceNetworkType: 'vpc',
    VpcAttributes: {
      VpcId: 'vpc-emulator',
      VSwitchId: 'vsw-emulator',
      NatIpAddress: '',
      PrivateIpAddress: { IpAddress: [instance.address] },
    },
    PublicIpAddress: { IpAddress: [] },
    InnerIpAddress: { IpAddress: [] },
    EipAddress: { AllocationId: '', IpAddress: '', InternetChargeType: '' },
    NetworkInterfaces: {
      NetworkInterface: [{ PrimaryIpAddress: instance.address, PrivateIpSets: { PrivateIpSet: [] } }],
    },
    Tags: { Tag: tagsOf(instance) },
    SecurityGroupIds: { SecurityGroupId: [] },
    ResourceGroupId: '',
    KeyPairName: '',
    CreationTime: apiTime(new Date(instance.createdAt)),
    ExpiredTime: '2099-12-31T15:59:59Z',
  };
}

/** The instance's own tags and the one that says where SSH listens. */
function tagsOf({ tags, port }: Instance): { TagKey: string; TagValue: string }[] {
  return [
    ...tags.map(({ key, value }) => ({ TagKey: key, TagValue: value })),
    { TagKey: 'sallyport:ssh-port', TagValue: String(port) },
  ];
}

/** `Tag.1.Key`, `Tag.1.Value` … `Tag.20.…`; no value means any. */
function tagFilters(all: ReadonlyMap<string, string>): { key: string; value: string }[] {
  const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
  return numbers.flatMap((number) => {
    const key = all.get(`Tag.${number}.Key`);
    return key ? [{ key, value: all.get(`Tag.${number}.Value`) ?? '' }] : [];
  });
}
