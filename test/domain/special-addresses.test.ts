import { isIP } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { AddressPolicy } from '../../src/domain/address-policy.js';
import { IPV4_REGISTRY, IPV6_REGISTRY, OTHER_BLOCKS, type RegistryRow } from './special-purpose-registries.js';

const ROWS = [...IPV4_REGISTRY, ...IPV6_REGISTRY, ...OTHER_BLOCKS];
/** The IPv4 address inside decides, so the registry's answer for the whole block does not count. */
const JUDGED_BY_IPV4 = ['::ffff:0:0/96', '64:ff9b::/96'];

const policy = new AddressPolicy([]);
const bitsOf = (address: string) => (isIP(address) === 4 ? 32 : 128);

function numberOf(address: string): bigint {
  if (isIP(address) === 4) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head, tail] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - head!.length - (tail?.length ?? 0)).fill('0');
  return [...head!, ...zeros, ...(tail ?? [])].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

function addressOf(number: bigint, bits: number): string {
  const [base, size] = bits === 32 ? [10, 8n] : [16, 16n];
  const parts = Array.from(
    { length: bits / Number(size) },
    (_, at) => (number >> (BigInt(bits) - size * BigInt(at + 1))) & ((1n << size) - 1n),
  );
  return parts.map((part) => part.toString(base)).join(bits === 32 ? '.' : ':');
}

function spanOf(block: string): { bits: number; first: bigint; last: bigint } {
  const [address = '', prefix] = block.split('/');
  const bits = bitsOf(address);
  const first = numberOf(address);
  return { bits, first, last: first + (1n << BigInt(bits - Number(prefix))) - 1n };
}

/** The row with the longest prefix that contains the address; undefined for an ordinary address. */
function rowOf(address: string): RegistryRow | undefined {
  const [bits, number] = [bitsOf(address), numberOf(address)];
  const containing = ROWS.filter(([block]) => {
    const span = spanOf(block);
    return span.bits === bits && span.first <= number && number <= span.last;
  });
  return containing.toSorted(([a], [b]) => Number(b.split('/')[1]) - Number(a.split('/')[1]))[0];
}

function isReachable(address: string): boolean {
  const row = rowOf(address);
  if (row && JUDGED_BY_IPV4.includes(row[0])) return isReachable(addressOf(numberOf(address) & 0xffff_ffffn, 32));
  return row === undefined || row[2] === 'True';
}

describe.each(ROWS)('%s (%s, globally reachable: "%s")', (block) => {
  const { bits, first, last } = spanOf(block);
  const inside = [first, first + 1n, (first + last) / 2n, last].filter((number) => number <= last);
  const outside = [first - 1n, last + 1n].filter((number) => number >= 0n && number < 1n << BigInt(bits));

  it.each([...new Set(inside)].map((number) => addressOf(number, bits)))('decides about %s inside', (address) => {
    expect(policy.allows(address)).toBe(isReachable(address));
  });

  it.each(outside.map((number) => addressOf(number, bits)))('does not decide about %s beside it', (address) => {
    expect(policy.allows(address)).toBe(isReachable(address));
  });

  it('is opened by ALLOWED_SUBNETS', () => {
    const opened = new AddressPolicy([block]);
    expect([first, last].map((number) => opened.allows(addressOf(number, bits)))).toEqual([true, true]);
  });
});

describe('an IPv6 address with an IPv4 address inside', () => {
  it.each([
    ['NAT64', '64:ff9b::8.8.8.8', true],
    ['NAT64', '64:ff9b::10.0.0.1', false],
    ['NAT64', '64:ff9b::169.254.169.254', false],
    ['ISATAP', '2600:1:2:3:0:5efe:8.8.8.8', true],
    ['ISATAP', '2600:1:2:3:0:5efe:10.0.0.1', false],
    ['ISATAP', '2600:1:2:3:200:5efe:127.0.0.1', false],
    ['ISATAP', '2600::5efe:169.254.169.254', false],
    ['ISATAP', '2600:1:2:3:0:5efe::', false],
    ['6to4', '2002:808:808::1', false],
    ['Teredo', '2001:0:4136:e378:8000:63bf:f7f7:f7f7', false],
    ['IPv4-compatible', '::8.8.8.8', false],
    ['IPv4-translated', '::ffff:0:8.8.8.8', false],
  ])('as %s: %s', (_form, address, allowed) => {
    expect(policy.allows(address)).toBe(allowed);
  });

  it('is opened by a subnet of its own form only', () => {
    const opened = new AddressPolicy(['10.0.0.0/8']);
    expect(['10.0.0.1', '64:ff9b::10.0.0.1', '2600:1:2:3:0:5efe:10.0.0.1'].map((address) => opened.allows(address))).toEqual([
      true,
      false,
      false,
    ]);
    expect(new AddressPolicy(['64:ff9b::/96']).allows('64:ff9b::10.0.0.1')).toBe(true);
  });
});
