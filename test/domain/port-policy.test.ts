import { describe, expect, it } from '@jest/globals';
import { PortPolicy } from '../../src/domain/port-policy.js';
import { BAD_PORTS } from './bad-ports.js';

const MAIL = [25, 465, 587];
const ALL = Array.from({ length: 65_536 }, (_, port) => port);
const bad = new Set([0, ...MAIL, ...BAD_PORTS.map(([port]) => port)]);

const policy = new PortPolicy([]);
const refusedAt = (address: string, by = policy) => ALL.filter((port) => !by.allows(address, port));

describe('the refused ports', () => {
  it('are those that browsers refuse, those for mail, and 0', () => {
    expect(refusedAt('192.0.2.1')).toEqual([...bad].toSorted((a, b) => a - b));
    expect(refusedAt('2001:db8::1')).toEqual(refusedAt('192.0.2.1'));
  });

  it.each(['127.0.0.1', '127.9.9.9', '::1'])('at loopback (%s) are those for mail, and 0', (address) => {
    expect(refusedAt(address)).toEqual([0, ...MAIL]);
  });

  it('contain no ephemeral port of Linux (from 32768), macOS or Windows (from 49152)', () => {
    expect(Math.max(...bad)).toBeLessThan(32_768);
  });

  it('are without those that the configuration allows', () => {
    const opened = new PortPolicy([25, 6000]);
    expect(opened.allows('192.0.2.1', 25)).toBe(true);
    expect(opened.allows('127.0.0.1', 25)).toBe(true);
    expect(refusedAt('192.0.2.1', opened)).toHaveLength(bad.size - 2);
  });
});

describe('a URL', () => {
  it.each([
    ['https://example.com/', null],
    ['http://example.com/', null],
    ['http://example.com:443/', null],
    ['https://example.com:8443/', null],
    ['https://example.com:25/', 25],
    ['http://example.com:00025/', 25],
    ['http://example.com:0/', 0],
    ['http://10.0.0.1:22/', 22],
    ['http://[2001:db8::1]:6667/', 6667],
    ['http://localhost:10080/', null],
    ['http://127.1:9/', null],
    ['http://[::1]:9/', null],
    ['http://localhost:587/', 587],
    ['http://localhost.example.com:9/', 9],
  ])('%s has the refused port %s', (url, port) => {
    expect(policy.refusedIn(new URL(url))).toBe(port);
  });
});
