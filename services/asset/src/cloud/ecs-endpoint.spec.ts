import { describe, expect, it } from 'vitest';
import { ecsEndpoint } from './ecs-endpoint.js';

describe('ecsEndpoint', () => {
  it.each([
    ['https://ecs.cn-hangzhou.aliyuncs.com', { endpoint: 'ecs.cn-hangzhou.aliyuncs.com', protocol: 'https' }],
    ['http://127.0.0.1:18080', { endpoint: '127.0.0.1:18080', protocol: 'http' }],
    ['http://localhost:18080/', { endpoint: 'localhost:18080', protocol: 'http' }],
    ['http://[::1]:18080', { endpoint: '[::1]:18080', protocol: 'http' }],
  ])('takes %s', (text, expected) => {
    expect(ecsEndpoint.parse(text)).toEqual(expected);
  });

  it.each([
    'http://ecs.cn-hangzhou.aliyuncs.com',
    'http://127.0.0.1.example.com',
    'http://192.0.2.1',
    'https://example.com/path',
    'ftp://127.0.0.1',
    'ecs.cn-hangzhou.aliyuncs.com',
  ])('refuses %s', (text) => {
    expect(ecsEndpoint.safeParse(text).success).toBe(false);
  });
});
