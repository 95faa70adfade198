import { BlockList, isIP, SocketAddress } from 'node:net';

type IpAddress = { family: 'ipv4' | 'ipv6'; address: string };
type Subnet = IpAddress & { prefix: number };

/**
 * The blocks of IANA's special-purpose address registries that are not globally reachable (RFC 6890), and multicast. A test compares them with
 * a copy of the registries.
 */
const BLOCKED_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/**
 * The same for IPv6, with the site-local addresses of RFC 3879. The last four are IPv6 forms of IPv4 addresses; Teredo, in 2001::/23, is another.
 * Without them these would bypass the list above.
 */
const BLOCKED_IPV6 = [
  'ff00::/8',
  'fe80::/10',
  'fec0::/10',
  'fc00::/7',
  '2001::/23',
  '2001:db8::/32',
  '3fff::/20',
  '100::/64',
  '100:0:0:1::/64',
  '5f00::/16',
  '::/96',
  '::ffff:0:0:0/96',
  '64:ff9b:1::/48',
  '2002::/16',
];

/** Blocks inside those above that the registries call globally reachable. */
const REACHABLE = [
  '192.0.0.9/32',
  '192.0.0.10/32',
  '2001:1::1/128',
  '2001:1::2/128',
  '2001:1::3/128',
  '2001:3::/32',
  '2001:4:112::/48',
  '2001:20::/28',
  '2001:30::/28',
];

const CIDR = /^([^/]+)\/(\d{1,3})$/;
const MAPPED_BITS = 96;
const BLOCKED = listsOf([...BLOCKED_IPV4, ...BLOCKED_IPV6].map(subnetOf));
const EXCEPTIONS = listsOf(REACHABLE.map(subnetOf));
/** NAT64 (RFC 6052): the IPv4 address is in the last 32 bits. */
const NAT64 = listsOf([subnetOf('64:ff9b::/96')]);

/**
 * Decides which addresses a webhook may be sent to. Otherwise anyone who may create an endpoint could make this service call the metadata
 * service of its machine, or any other server inside the network. An address in one of IANA's special-purpose registries is refused, unless the
 * registry calls it globally reachable or it is in an allowed subnet. An IPv4-mapped IPv6 address is treated as its IPv4 address. A NAT64 or
 * ISATAP address is refused if the IPv4 address inside is not public.
 */
export class AddressPolicy {
  private readonly allowed: Lists;

  /**
   * @param allowedSubnets CIDRs that are allowed although they are blocked, such as `10.1.0.0/16` or `fd00::/8`
   * @throws RangeError that names the text that is not a CIDR
   */
  constructor(allowedSubnets: readonly string[]) {
    this.allowed = listsOf(allowedSubnets.map(subnetOf));
  }

  /** Whether a socket may be opened to this IP address. False if the text is not an IP address, or has brackets. */
  allows(address: string): boolean {
    const ip = canonical(address);
    return ip !== null && (this.allowed[ip.family].check(ip.address, ip.family) || isPublic(ip));
  }
}

function isPublic({ address, family }: IpAddress): boolean {
  const embedded = family === 'ipv6' ? embeddedIpv4(address) : null;
  if (embedded !== null && !isPublic({ address: embedded, family: 'ipv4' })) return false;
  return !BLOCKED[family].check(address, family) || EXCEPTIONS[family].check(address, family);
}

/** The IPv4 address that a translator or a tunnel would send to, if the IPv6 address has the form of NAT64 or ISATAP (RFC 5214, 6.1); else null. */
function embeddedIpv4(address: string): string | null {
  const groups = groupsOf(address);
  const isIsatap = (groups[4] === 0 || groups[4] === 0x0200) && groups[5] === 0x5efe;
  if (!isIsatap && !NAT64.ipv6.check(address, 'ipv6')) return null;
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.');
}

/** The eight groups of a canonical IPv6 address. */
function groupsOf(address: string): number[] {
  const [head, tail] = address.split('::').map(numbersOf);
  return tail ? [...head!, ...Array<number>(8 - head!.length - tail.length).fill(0), ...tail] : head!;
}

function numbersOf(groups: string): number[] {
  return groups === '' ? [] : groups.split(':').map((group) => parseInt(group, 16));
}

// One list for each family: a common list would apply IPv4 rules to IPv6 addresses too, and the other way round.
type Lists = Record<'ipv4' | 'ipv6', BlockList>;

function listsOf(subnets: readonly Subnet[]): Lists {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const { family, address, prefix } of subnets) lists[family].addSubnet(address, prefix, family);
  return lists;
}

function subnetOf(cidr: string): Subnet {
  const [, address = '', bits] = CIDR.exec(cidr) ?? [];
  const ip = canonical(address);
  const mapped = ip?.family === 'ipv4' && isIP(address) === 6;
  const prefix = Number(bits) - (mapped ? MAPPED_BITS : 0);
  if (ip === null || !(prefix >= 0 && prefix <= (ip.family === 'ipv4' ? 32 : 128))) {
    throw new RangeError(`Not a subnet: ${JSON.stringify(cidr)}; write an address and a prefix length, such as 10.1.0.0/16`);
  }
  return { family: ip.family, address: ip.address, prefix };
}

/** The address in its only canonical form; mapped addresses become IPv4. Null if the text is not an IP address. */
function canonical(address: string): IpAddress | null {
  const version = isIP(address);
  if (version === 0) return null;
  if (version === 4) return { family: 'ipv4', address };
  const spelled = new SocketAddress({ address, family: 'ipv6' }).address;
  const mapped = spelled.startsWith('::ffff:') ? spelled.slice('::ffff:'.length) : '';
  return isIP(mapped) === 4 ? { family: 'ipv4', address: mapped } : { family: 'ipv6', address: spelled };
}
