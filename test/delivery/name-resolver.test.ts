import { afterEach, describe, expect, it } from '@jest/globals';
import { hostsIn, NameNotResolved, NameResolver } from '../../src/delivery/name-resolver.js';
import { nameServer, type Answers, type NameServer } from './name-server.js';

let server: NameServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

/** A resolver that asks a name server with these answers. */
async function resolverWith(answers: Answers, hosts = '') {
  server = await nameServer(answers);
  return new NameResolver(hostsIn(hosts), [server.address]);
}

const v4 = (address: string) => ({ address, family: 4 });
const v6 = (address: string) => ({ address, family: 6 });

describe('a name', () => {
  it('of this machine is resolved, IPv4 first', async () => {
    expect((await new NameResolver().addressesOf('localhost'))[0]).toEqual(v4('127.0.0.1'));
  });

  it('has its addresses of both families, IPv4 first', async () => {
    const names = await resolverWith({ 'shop.example': { 4: ['192.0.2.1', '192.0.2.2'], 6: ['2001:db8::1'] } });

    expect(await names.addressesOf('shop.example')).toEqual([v4('192.0.2.1'), v4('192.0.2.2'), v6('2001:db8::1')]);
  });

  it.each([
    ['IPv4', { 4: ['192.0.2.1'], 6: 'silence' as const }, [v4('192.0.2.1')]],
    ['IPv6', { 4: 'silence' as const, 6: ['2001:db8::1'] }, [v6('2001:db8::1')]],
    ['IPv4', { 4: ['192.0.2.1'] }, [v4('192.0.2.1')]],
    ['IPv6', { 6: ['2001:db8::1'] }, [v6('2001:db8::1')]],
  ])('is resolved to its %s addresses if the name server has no others, or does not answer for them', async (_, known, found) => {
    const names = await resolverWith({ 'shop.example': known });

    expect(await names.addressesOf('shop.example')).toEqual(found);
  });

  it('without a dot is asked for without a search domain', async () => {
    const names = await resolverWith({ receiver: { 4: ['192.0.2.1'] } });

    expect(await names.addressesOf('receiver')).toEqual([v4('192.0.2.1')]);
    await expect(names.addressesOf('metadata')).rejects.toBeInstanceOf(NameNotResolved);
    expect(new Set(server!.asked)).toEqual(new Set(['receiver', 'metadata']));
  });

  it('with a dot is asked for without a search domain too, whether it ends with a dot or not', async () => {
    const names = await resolverWith({});

    await expect(names.addressesOf('a.b')).rejects.toBeInstanceOf(NameNotResolved);
    await expect(names.addressesOf('a.b.')).rejects.toBeInstanceOf(NameNotResolved);
    expect(new Set(server!.asked)).toEqual(new Set(['a.b']));
  });

  it('in the hosts file needs no query', async () => {
    const names = await resolverWith({}, '# mine\n192.0.2.7 Shop shop.example # the shop\n2001:db8::7\tshop\nnonsense shop\n');

    expect(await names.addressesOf('shop')).toEqual([v4('192.0.2.7'), v6('2001:db8::7')]);
    expect(await names.addressesOf('shop.example')).toEqual([v4('192.0.2.7')]);
    expect(server!.asked).toEqual([]);
  });

  it.each(['localhost', 'a.localhost', 'localhost.'])('%s is this machine, whatever a name server says', async (name) => {
    const names = await resolverWith({ localhost: { 4: ['192.0.2.1'] }, 'a.localhost': { 4: ['192.0.2.1'] } });

    expect(await names.addressesOf(name)).toEqual([v4('127.0.0.1'), v6('::1')]);
    expect(server!.asked).toEqual([]);
  });

  it('that does not exist is not resolved, without an error code', async () => {
    const names = await resolverWith({});

    await expect(names.addressesOf('nobody.example')).rejects.toMatchObject({ code: 'NAME_NOT_RESOLVED', dnsCode: null });
    await expect(names.addressesOf('nobody.invalid')).rejects.toMatchObject({ code: 'NAME_NOT_RESOLVED', dnsCode: null });
  });

  it('whose name servers do not answer is not resolved, with an error code', async () => {
    const names = await resolverWith({ 'slow.example': { 4: 'silence', 6: 'silence' } });

    await expect(names.addressesOf('slow.example')).rejects.toMatchObject({ code: 'NAME_NOT_RESOLVED', dnsCode: 'ETIMEOUT' });
  }, 60_000);

  it('that is needed several times at once is asked for once', () => {
    const names = new NameResolver();
    const first = names.addressesOf('localhost');

    expect(names.addressesOf('localhost')).toBe(first);
  });
});
