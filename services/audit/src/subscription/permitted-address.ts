import { lookup as resolve, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { DeliveryError } from './retry-rule.js';

/** Not of the public Internet (IANA special-purpose registries), or holding an IPv4 address that may not be. */
const special: readonly [string, number, 'ipv4' | 'ipv6'][] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
];
/** Global unicast, IPv6; what is outside of it is nowhere public. */
const globalUnicast: readonly [string, number] = ['2000::', 3];
const special6: readonly [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

/**
 * Where events may be sent to. A name is judged by the addresses that it resolves to, at the moment of each connection, and
 * the connection goes to an address that was judged: neither a name inside nor one that changes its address leads in.
 */
export class PermittedAddresses {
  private readonly blocked = new BlockList();
  private readonly global = new BlockList();
  private readonly permitted = new BlockList();

  /** @param networks in CIDR notation that are permitted although they are not public */
  constructor(networks: readonly string[]) {
    for (const [net, prefix, family] of special) this.blocked.addSubnet(net, prefix, family);
    for (const [net, prefix] of special6) this.blocked.addSubnet(net, prefix, 'ipv6');
    this.global.addSubnet(...globalUnicast, 'ipv6');
    for (const network of networks) {
      const [net = '', prefix] = network.split('/');
      const family = isIP(net) === 6 ? 'ipv6' : 'ipv4';
      this.permitted.addSubnet(net, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
    }
  }

  permits(address: string): boolean {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) return false;
    if (this.permitted.check(address, family)) return true;
    if (family === 'ipv6' && !this.global.check(address, 'ipv6')) return false;
    return !this.blocked.check(address, family);
  }

  /** @throws DeliveryError the host is an address, and not a permitted one; a name is judged when it is resolved */
  judgeHost(hostname: string): void {
    const host = hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !this.permits(host)) throw new DeliveryError('this address is not permitted');
  }

  /** For `connect`: resolves to permitted addresses only. */
  readonly lookup: LookupFunction = (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const good = error ? [] : addresses.filter(({ address }) => this.permits(address));
      const [first] = good;
      if (!first) {
        done(error ?? new DeliveryError('the name leads to no permitted address'), '', 0);
        return;
      }
      if (options.all) done(null, good);
      else done(null, first.address, first.family);
    });
  };
}

/** Loopback: there, and only there, may events go unencrypted. */
export const isLoopback = (hostname: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
