import { BlockList, isIP, isIPv4 } from 'node:net';
import { plainAddress } from './plain-address.js';

/** Addresses and networks, such as `192.0.2.7`, `10.0.0.0/8` and `2001:db8::/32`. */
export class AddressList {
  private constructor(private readonly list: BlockList) {}

  /** @throws RangeError one is neither an address nor a network; it is named */
  static of(entries: readonly string[]): AddressList {
    const list = new BlockList();
    for (const entry of entries) add(list, entry);
    return new AddressList(list);
  }

  /** What is no address is in no list. */
  includes(address: string): boolean {
    const plain = plainAddress(address);
    return isIP(plain) !== 0 && this.list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
  }
}

function add(list: BlockList, entry: string): void {
  const [network = '', prefix, ...more] = entry.split('/');
  const bits = isIPv4(network) ? 32 : 128;
  const known = isIP(network) !== 0 && !network.includes('%') && more.length === 0;
  if (!known || (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits)))
    throw new RangeError(`${JSON.stringify(entry)} is neither an address nor a network such as 10.0.0.0/8`);
  list.addSubnet(network, prefix === undefined ? bits : Number(prefix), bits === 32 ? 'ipv4' : 'ipv6');
}
