import { isIP } from 'node:net';
import type { Host } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { StoredHost } from './hosts.js';

const NAME_LIMIT = 128;
/** White space, and what separates the parts of `USER@ACCOUNT@HOST`, of `host:path` and of URLs. */
const ILLEGAL = /[\s@+:/\p{Cc}]+/gu;
/** RFC 1123 section 2.1, with `_`, which real names have. */
const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}))*\.?$/;

/** A legal host name as near to the wish as can be; `fallback`, an instance id, when nothing is left of it. */
export function legalName(wish: string, fallback: string): string {
  const name = wish
    .trim()
    .replace(ILLEGAL, '-')
    .replace(/^-+|-+$/g, '');
  return cut(name === '' ? fallback : name, NAME_LIMIT);
}

/** The name, with the instance id behind it when another host has the name. */
export async function uniqueName(
  name: string,
  instanceId: string,
  taken: (name: string) => Promise<boolean>,
): Promise<string> {
  if (!(await taken(name))) return name;
  const suffix = `-${instanceId}`;
  return `${cut(name, NAME_LIMIT - suffix.length)}${suffix}`;
}

/** @throws DomainError `request.invalid` it is neither an IP address nor a host name */
export function checkAddress(address: string): void {
  if (isIP(address) === 0 && !HOST_NAME.test(address))
    throw new DomainError('request.invalid', 'an address is an IP address or a host name');
}

/** What others may know of a host. */
export function describeHost({ cloud: _, ...host }: StoredHost): Host {
  return host;
}

export function sameHost(a: Host, b: Host): boolean {
  return (
    a.name === b.name &&
    a.address === b.address &&
    a.port === b.port &&
    a.osType === b.osType &&
    a.status === b.status &&
    a.regionId === b.regionId &&
    a.instanceId === b.instanceId &&
    a.hostKeyMode === b.hostKeyMode
  );
}

/** Whole characters, so that half of a surrogate pair never becomes part of a name. */
const cut = (text: string, limit: number): string => {
  let kept = '';
  for (const character of text) {
    if (kept.length + character.length > limit) break;
    kept += character;
  }
  return kept;
};
