import { describe, expect, it } from '@jest/globals';
import { NameNotResolved, NameResolver } from '../../src/delivery/resolve-name.js';

const names = new NameResolver();

describe('a name', () => {
  it('of this machine is found, IPv4 first', async () => {
    const addresses = await names.addressesOf('localhost');

    expect(addresses[0]).toEqual({ address: '127.0.0.1', family: 4 });
  });

  it.each(['nothing-has-this-name.invalid', 'nothing-has-this-name'])('%s is not resolved', async (name) => {
    await expect(names.addressesOf(name)).rejects.toBeInstanceOf(NameNotResolved);
  });

  it('that several ask for at the same time is asked for once', () => {
    const first = names.addressesOf('localhost');

    expect(names.addressesOf('localhost')).toBe(first);
  });
});
