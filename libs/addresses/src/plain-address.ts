/** Without a zone (`%eth0`), and an IPv4 address in IPv6's clothes (RFC 4291 section 2.5.5.2) as IPv4: one address is one text. */
export function plainAddress(address: string): string {
  return address.replace(/%.*$/s, '').replace(/^::ffff:(?=\d+\.)/i, '');
}
