import type { LookupAddress, LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import type { AddressPolicy } from '../domain/address-policy.js';
import { NameResolver } from './resolve-name.js';

/** The address, or every address of the name, is one that deliveries must not reach. */
export class AddressBlocked extends Error {
  readonly code = 'ADDRESS_BLOCKED';
  override readonly message = 'The address range is blocked by the configuration.';
}

type LookupDone = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/**
 * Opens sockets, and only to addresses that the policy allows. Names are resolved here, once, and the socket goes to one of the
 * addresses that were checked, so that a second answer of the name server can't slip in. A literal address never reaches a
 * lookup function: it is checked before.
 */
export function checkedConnector(policy: AddressPolicy, connectLimitMs: number): buildConnector.connector {
  const names = new NameResolver();
  const connect = buildConnector({
    timeout: connectLimitMs,
    allowH2: false,
    keepAlive: true,
    lookup: (hostname: string, options: LookupOptions, done: LookupDone) =>
      void checkedLookup({ names, policy, hostname, options }, done),
  } as buildConnector.BuildOptions);
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !policy.allows(host)) {
      callback(new AddressBlocked(), null);
      return;
    }
    connect(options, callback);
  };
}

interface Asked {
  names: NameResolver;
  policy: AddressPolicy;
  hostname: string;
  options: LookupOptions;
}

async function checkedLookup({ names, policy, hostname, options }: Asked, done: LookupDone): Promise<void> {
  const addresses = await names.addressesOf(hostname).catch((error: Error) => error);
  if (addresses instanceof Error) return done(addresses, []);
  const allowed = addresses.filter(
    ({ address, family }) => policy.allows(address) && (!options.family || options.family === family),
  );
  const first = allowed[0];
  if (!first) return done(new AddressBlocked(), []);
  if (options.all) return done(null, allowed);
  return done(null, first.address, first.family);
}
