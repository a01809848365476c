/** Where a region's KMS listens, as the SDK wants it: no scheme in the address. */
export interface KmsEndpoint {
  /** Host, with the port when it is not the default. */
  readonly address: string;
  readonly protocol: 'http' | 'https';
}

const REGION = '{region}';
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Checks a setting such as `https://kms.{region}.aliyuncs.com`: an origin in which `{region}` stands for the region.
 * Plain http is for loopback alone.
 * @returns what is wrong with it, or undefined
 */
export function endpointProblem(template: string): string | undefined {
  const example = template.replaceAll(REGION, 'region').replace(/\/$/, '');
  const url = URL.canParse(example) ? new URL(example) : undefined;
  if (url?.origin !== example) return 'must be an origin such as https://kms.{region}.aliyuncs.com';
  if (url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.hostname))) return undefined;
  return 'must be https, unless it is on loopback';
}

/**
 * @param template passed `endpointProblem`
 * @param regionId lower-case letters, digits and hyphens only: it becomes part of a host name
 */
export function endpointOf(template: string, regionId: string): KmsEndpoint {
  if (!/^[a-z0-9-]{1,64}$/.test(regionId)) throw new TypeError('the id of a region is letters, digits and hyphens');
  const url = new URL(template.replaceAll(REGION, regionId));
  return { address: url.host, protocol: url.protocol === 'http:' ? 'http' : 'https' };
}
