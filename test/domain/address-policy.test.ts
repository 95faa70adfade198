import { describe, expect, it } from '@jest/globals';
import { AddressPolicy } from '../../src/domain/address-policy.js';

const strict = new AddressPolicy([]);

describe('an address', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:81b::200e',
    '2001:4860:4860::8888',
    '3fff:1000::1',
    '::ffff:8.8.8.8',
    '::ffff:808:808',
  ])('%s is public', (address) => {
    expect(strict.allows(address)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '10.255.255.255',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '169.254.170.2',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
  ])('%s is blocked, also written as an IPv6 address', (address) => {
    expect(strict.allows(address)).toBe(false);
    expect(strict.allows(`::ffff:${address}`)).toBe(false);
    expect(strict.allows(`::${address}`)).toBe(false);
    expect(strict.allows(`64:ff9b::${address}`)).toBe(false);
    expect(strict.allows(`::ffff:0:${address}`)).toBe(false);
  });

  it.each([
    '::',
    '::1',
    '0:0:0:0:0:0:0:1',
    'ff02::1',
    'fe80::1',
    'febf::1',
    'fe80::1%eth0',
    'fec0::1',
    'fc00::1',
    'fdff::1',
    '2001:db8::1',
    '2001:DB8:0:0::1',
    '3fff::1',
    '3fff:fff::1',
    '100::1',
    '2002:7f00:1::',
    '64:ff9b::7f00:1',
    '64:ff9b:1::7f00:1',
    '5f00::1',
    '2001:0:4136:e378::1',
    '::ffff:7f00:1',
    '::FFFF:127.0.0.1',
    '0:0:0:0:0:ffff:7f00:0001',
    '0000:0000:0000:0000:0000:ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
  ])('%s is blocked', (address) => {
    expect(strict.allows(address)).toBe(false);
  });

  it.each([
    '',
    'localhost',
    'example.com',
    '127.1',
    '0x7f000001',
    '2130706433',
    '010.0.0.1',
    '[::1]',
    '8.8.8.8:80',
    '8.8.8.8/32',
  ])('%j is none, and not allowed', (text) => {
    expect(strict.allows(text)).toBe(false);
  });
});

describe('allowed subnets', () => {
  it('win over the list, and only they do', () => {
    const policy = new AddressPolicy(['127.0.0.1/32', '10.1.0.0/16', 'fd00::/8']);
    expect(['127.0.0.1', '10.1.2.3', 'fd12::1', '8.8.8.8'].map((ip) => policy.allows(ip))).toEqual([true, true, true, true]);
    expect(['127.0.0.2', '10.2.0.1', 'fc00::1', '::1'].map((ip) => policy.allows(ip))).toEqual([false, false, false, false]);
  });

  it('count for the IPv4-mapped spelling, on either side', () => {
    const byIpv4 = new AddressPolicy(['127.0.0.0/8']);
    expect(byIpv4.allows('::ffff:127.0.0.1')).toBe(true);
    expect(byIpv4.allows('::ffff:7f00:1')).toBe(true);
    const byMapped = new AddressPolicy(['::ffff:10.0.0.0/104']);
    expect(byMapped.allows('10.9.9.9')).toBe(true);
    expect(byMapped.allows('::ffff:a09:909')).toBe(true);
    expect(byMapped.allows('127.0.0.1')).toBe(false);
  });

  it('may have bits behind the prefix', () => {
    expect(new AddressPolicy(['10.1.2.3/16']).allows('10.1.200.200')).toBe(true);
  });

  it('keep the families apart', () => {
    expect(new AddressPolicy(['::/0']).allows('10.0.0.1')).toBe(false);
    expect(new AddressPolicy(['::/0']).allows('::ffff:10.0.0.1')).toBe(false);
    expect(new AddressPolicy(['0.0.0.0/0']).allows('10.0.0.1')).toBe(true);
    expect(new AddressPolicy(['0.0.0.0/0']).allows('::1')).toBe(false);
  });

  it.each([
    '',
    '10.0.0.1',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0/8',
    'fd00::/129',
    'localhost/8',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '::ffff:10.0.0.0/8',
  ])('that make no sense are named: %j', (cidr) => {
    expect(() => new AddressPolicy(['127.0.0.0/8', cidr])).toThrow(RangeError);
    expect(() => new AddressPolicy([cidr])).toThrow(JSON.stringify(cidr));
  });
});
