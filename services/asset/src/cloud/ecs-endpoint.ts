import { isIP } from 'node:net';
import { z } from 'zod';

/** What the SDK takes apart: host and port without a scheme, and the protocol. */
export interface EcsEndpoint {
  endpoint: string;
  protocol: 'http' | 'https';
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'));

/** A setting such as `https://ecs.cn-hangzhou.aliyuncs.com`; plain http only to loopback, where the emulator is. */
export const ecsEndpoint = z.url({ protocol: /^https?$/ }).transform((text, context): EcsEndpoint => {
  const { protocol, hostname, host, pathname, search } = new URL(text);
  if (protocol === 'http:' && !isLoopback(hostname))
    context.addIssue({ code: 'custom', message: 'must be https, except on loopback' });
  if (pathname !== '/' || search !== '') context.addIssue({ code: 'custom', message: 'must be without a path' });
  return { endpoint: host, protocol: protocol === 'http:' ? 'http' : 'https' };
});
