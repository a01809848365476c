import { describe, expect, it } from 'vitest';
import { DescribedInstance, toCloudInstance } from './ecs-instance.js';

const instance = (fields: Partial<DescribedInstance>) =>
  toCloudInstance(DescribedInstance.parse({ instanceId: 'i-1', ...fields }), 'cn-hangzhou');
const list = (...ipAddress: string[]) => ({ ipAddress });

describe('toCloudInstance', () => {
  it('prefers the private address, and falls back step by step', () => {
    const all = {
      vpcAttributes: { privateIpAddress: list('10.0.0.1', '10.0.0.2') },
      innerIpAddress: list('10.1.0.1'),
      networkInterfaces: {
        networkInterface: [
          { type: 'Secondary', primaryIpAddress: '10.2.0.2' },
          { type: 'Primary', primaryIpAddress: '10.2.0.1' },
        ],
      },
      eipAddress: { ipAddress: '203.0.113.1' },
      publicIpAddress: list('203.0.113.2'),
    };
    expect(instance(all).address).toBe('10.0.0.1');
    expect(instance({ ...all, vpcAttributes: { privateIpAddress: list() } }).address).toBe('10.1.0.1');
    expect(instance({ ...all, vpcAttributes: null, innerIpAddress: null }).address).toBe('10.2.0.1');
    expect(instance({ eipAddress: all.eipAddress, publicIpAddress: all.publicIpAddress }).address).toBe('203.0.113.1');
    expect(instance({ eipAddress: { ipAddress: '' }, publicIpAddress: list('203.0.113.2') }).address).toBe(
      '203.0.113.2',
    );
    expect(instance({}).address).toBe('');
  });

  it.each([
    ['2222', 2222],
    ['65535', 65_535],
    ['0', 22],
    ['65536', 22],
    ['22a', 22],
    ['', 22],
  ])('reads the port tag %j as %d', (tagValue, port) => {
    expect(instance({ tags: { tag: [{ tagKey: 'sallyport:ssh-port', tagValue }] } }).port).toBe(port);
  });

  it('has defaults for what the cloud leaves out', () => {
    expect(instance({})).toEqual({
      instanceId: 'i-1',
      name: '',
      regionId: 'cn-hangzhou',
      address: '',
      port: 22,
      osType: 'linux',
      status: 'Unknown',
    });
    expect(instance({ OSType: 'windows' }).osType).toBe('windows');
  });
});
