import { BlockList, isIP } from 'node:net';

/** IPv4 networks that are not the internet's (RFC 6890 and IANA's registry), and an address at which a cloud answers its machines. */
const IPV4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** IPv6 networks inside of 2000::/3 that are not the internet's, or lead to an IPv4 address that stands in them (Teredo, 6to4). */
const IPV6: readonly (readonly [network: string, prefix: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

/** Through which a network without IPv4 reaches the IPv4 address in the last 32 bits (RFC 6052). */
const NAT64 = '64:ff9b::';

const reachable = new BlockList();
reachable.addSubnet('2000::', 3, 'ipv6');
reachable.addSubnet(NAT64, 96, 'ipv6');

const special = new BlockList();
for (const [network, prefix] of IPV4) {
  special.addSubnet(network, prefix, 'ipv4');
  special.addSubnet(`${NAT64}${network}`, 96 + prefix, 'ipv6');
}
for (const [network, prefix] of IPV6) special.addSubnet(network, prefix, 'ipv6');

/** True for an address of the public internet: not of this machine, of a private network or of another special use. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !special.check(address, 'ipv4');
  // One with a zone is of a single link.
  if (version !== 6 || address.includes('%')) return false;
  return reachable.check(address, 'ipv6') && !special.check(address, 'ipv6');
}
