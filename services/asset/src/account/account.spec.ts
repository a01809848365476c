import { randomUUID } from 'node:crypto';
import { HostId } from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import type { StoredHost } from '../host/hosts.js';
import type { DescribedSecret } from './account.js';
import { accountFrom } from './account.js';

const [name, address, port, regionId] = ['web-1', '10.0.0.1', 22, 'cn-hangzhou'];
const host: StoredHost = {
  id: HostId.parse(randomUUID()),
  name,
  instanceId: 'i-1',
  regionId,
  address,
  port,
  osType: 'linux',
  status: 'active',
  source: 'ecs',
  hostKeyMode: 'approve',
  cloud: { name, address, port },
};
const secret: DescribedSecret = {
  name: 'acs/ecs/root',
  type: 'ECS',
  instanceId: 'i-1',
  regionId,
  kind: 'password',
  userName: 'root',
};

describe('accountFrom', () => {
  it('makes an account of a secret of the host’s own instance', () => {
    expect(accountFrom(host, secret)).toEqual({
      secretName: 'acs/ecs/root',
      userName: 'root',
      kind: 'password',
      regionId,
    });
    expect(accountFrom(host, { ...secret, type: 'ecs' })).toBeDefined();
  });

  it.each<[string, Partial<DescribedSecret>]>([
    ['of another instance', { instanceId: 'i-2' }],
    ['of no instance', { instanceId: undefined }],
    ['of another region, where the same id may exist', { regionId: 'cn-beijing' }],
    ['of another type', { type: 'Generic' }],
    ['without a kind', { kind: undefined }],
    ['without a user name', { userName: undefined }],
    ['with an empty user name', { userName: '' }],
  ])('B8: refuses a secret %s', (_, fields) => {
    expect(accountFrom(host, { ...secret, ...fields })).toBeUndefined();
  });
});
