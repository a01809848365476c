import { describe, expect, it } from 'vitest';
import { endpointOf, endpointProblem } from './kms-endpoint.js';

describe('the endpoint of KMS', () => {
  it.each([
    ['https://kms.{region}.aliyuncs.com', 'kms.cn-beijing.aliyuncs.com', 'https'],
    ['https://kms-vpc.{region}.aliyuncs.com/', 'kms-vpc.cn-beijing.aliyuncs.com', 'https'],
    ['https://10.0.0.1:8443', '10.0.0.1:8443', 'https'],
    ['http://127.0.0.1:18080', '127.0.0.1:18080', 'http'],
    ['http://localhost:18080', 'localhost:18080', 'http'],
    ['http://[::1]:18080', '[::1]:18080', 'http'],
  ])('%s is taken', (template, address, protocol) => {
    expect(endpointProblem(template)).toBeUndefined();
    expect(endpointOf(template, 'cn-beijing')).toEqual({ address, protocol });
  });

  it.each([
    'http://kms.cn-beijing.aliyuncs.com',
    'http://127.0.0.1.example.com',
    'http://10.0.0.1',
    'ftp://127.0.0.1',
    'https://user@kms.aliyuncs.com',
    'https://kms.aliyuncs.com/path',
    'https://kms.aliyuncs.com?query',
    'kms.aliyuncs.com',
    '',
  ])('%s is refused', (template) => {
    expect(endpointProblem(template)).toBeDefined();
  });

  it.each(['', 'a.b', 'a/b', 'evil.com#', 'A', 'a'.repeat(65)])('no region %s gets into a host name', (regionId) => {
    expect(() => endpointOf('https://kms.{region}.aliyuncs.com', regionId)).toThrow(TypeError);
  });
});
